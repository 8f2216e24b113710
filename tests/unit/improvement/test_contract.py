"""A term of a contract is measured by the contract's own date, level, cure and exclusions."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from dagster_project.improvement.contract import (
    Lines,
    Term,
    against_tier,
    excluded_days,
    periods_of,
    renewal_within,
)

OTIF = Term("OTIF", "LINE", 0.95, "NONE", 0, None, None, None)


def lines(*rows):
    """Rows of day, order, kept, and optionally units ordered, filled, amount and days to cure."""
    full = [(*row, *(10, 10 if row[2] else 6, 100, -1)[len(row) - 3 :]) for row in rows]
    due, order, kept, ordered, filled, amount, cured = zip(*full, strict=True)
    return Lines(
        np.array([np.datetime64(day).astype(np.int64) for day in due]),
        np.array(order),
        np.array(kept),
        np.array(ordered, dtype=float),
        np.array(filled, dtype=float),
        np.array(amount, dtype=float),
        np.array(cured),
    )


FOUR = lines(
    ("2026-01-05", 1, True),
    ("2026-01-06", 1, False),
    ("2026-01-07", 2, True),
    ("2026-01-08", 3, True),
)


@pytest.mark.parametrize(
    ("element", "window", "value"),
    [("OTIF", "LINE", 3 / 4), ("OTIF", "ORDER", 2 / 3), ("FILL_RATE", "MONTH", 36 / 40)],
)
def test_same_deliveries_give_the_figure_of_the_level_that_the_contract_names(
    element, window, value
):
    (found,) = periods_of(replace(OTIF, element=element, window=window), FOUR)
    assert found.value == pytest.approx(value, abs=1e-12)


def test_days_that_the_contract_excludes_do_not_count():
    term = replace(OTIF, exclusions="Force majeure 2026-01-06/2026-01-07; holiday 2026-01-08.")
    (found,) = periods_of(term, FOUR)
    assert (found.value, found.measured, found.excluded) == (1.0, 1, 3)
    assert excluded_days("2026-01-08") == [(20461, 20461)]


def test_breach_made_good_within_the_cure_period_costs_nothing():
    term = replace(OTIF, penalty_type="PER_BREACH", penalty=50, cure_days=2)
    late = lines(("2026-01-05", 1, False, 10, 6, 100, 2), ("2026-01-06", 2, False, 10, 6, 100, 3))
    (found,) = periods_of(term, late)
    assert (found.breaches, found.cured, found.exposure) == (2, 1, 50)


@pytest.mark.parametrize(
    ("kind", "penalty", "exposure"),
    [("NONE", 5, 0), ("PCT", 5, 20), ("PER_BREACH", 5, 5), ("TIERED", 5, 100)],
)
def test_penalty_is_what_its_type_says(kind, penalty, exposure):
    # 75 % of four lines of 100 each: 20 points short of 95 %.
    (found,) = periods_of(replace(OTIF, penalty_type=kind, penalty=penalty), FOUR)
    assert found.exposure == pytest.approx(exposure)


def test_term_that_is_kept_costs_nothing():
    term = replace(OTIF, target=0.75, penalty_type="PCT", penalty=5)
    assert periods_of(term, FOUR)[0].exposure == 0


def test_penalties_of_a_quarter_stop_at_the_cap_and_begin_anew_in_the_next():
    missed = lines(*((f"2026-{month:02d}-05", month, False) for month in (1, 2, 3, 4)))
    term = replace(OTIF, penalty_type="PER_BREACH", penalty=60, cap=100.0)
    found = periods_of(term, missed)
    assert [one.exposure for one in found] == [60, 60, 60, 60]
    assert [one.accrued for one in found] == [60, 40, 0, 60]


def test_term_by_quarter_is_one_figure_and_at_most_one_breach():
    missed = lines(("2026-01-05", 1, False), ("2026-03-05", 2, False), ("2026-03-06", 3, True))
    (found,) = periods_of(replace(OTIF, window="QUARTER"), missed)
    assert (found.start, found.measured, found.breaches) == (date(2026, 1, 1), 3, 1)


def test_term_is_stronger_equal_or_weaker_than_the_tier():
    assert against_tier(0.98, 0.95) == "STRONGER"
    assert against_tier(0.95, 0.95) == "EQUAL"
    assert against_tier(0.90, 0.95) == "WEAKER"
    assert against_tier(0.90, None) is None


def test_end_of_a_contract_is_told_90_60_and_30_days_before():
    on = date(2026, 5, 31)
    ends = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 29), date(2026, 8, 30)]
    assert [renewal_within(end, on) for end in ends] == [30, 60, 90, None]
    assert renewal_within(date(2026, 5, 1), on) is None
