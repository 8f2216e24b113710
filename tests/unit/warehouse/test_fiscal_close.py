"""A fiscal period closes on the third working day after it ends."""

from datetime import date

import pytest

from dagster_project.warehouse.fiscal_close import Period, closing_day, due

JULY = Period("4-4-5", "2026-07", date(2026, 8, 1))
AUGUST = Period("4-4-5", "2026-08", date(2026, 8, 29))


@pytest.mark.parametrize(
    ("first_day_after", "closes"),
    [
        pytest.param(date(2026, 6, 1), date(2026, 6, 3), id="a Monday"),
        pytest.param(date(2026, 8, 1), date(2026, 8, 5), id="a Saturday"),
        pytest.param(date(2026, 1, 1), date(2026, 1, 5), id="a Thursday: over the weekend"),
    ],
)
def test_weekends_are_not_working_days(first_day_after, closes):
    assert closing_day(first_day_after) == closes


def test_holidays_are_not_working_days():
    assert closing_day(date(2026, 1, 1), frozenset({date(2026, 1, 1)})) == date(2026, 1, 6)


def test_period_is_due_on_its_closing_day_and_on_no_other():
    assert due(date(2026, 8, 5), [JULY, AUGUST]) == ([JULY], "")
    assert due(date(2026, 8, 4), [JULY, AUGUST])[0] == []
    assert due(date(2026, 8, 6), [JULY, AUGUST])[0] == []


def test_calendars_that_end_on_the_same_day_close_together():
    months = Period("MONTH", "2026-07", date(2026, 8, 1))
    assert due(date(2026, 8, 5), [JULY, months])[0] == [JULY, months]


@pytest.mark.parametrize(
    ("periods", "word"),
    [
        pytest.param([], "No release", id="nothing released"),
        pytest.param([JULY], "ends before today", id="old calendar"),
        pytest.param([JULY, AUGUST], "2026-08 closes on 2026-09-02", id="next one ahead"),
    ],
)
def test_a_day_without_a_close_says_why(periods, word):
    closing, reason = due(date(2026, 8, 20), periods)
    assert closing == []
    assert word in reason
