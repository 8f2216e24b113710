"""Cycles run on the right working day: a simulated clock over a year of 53 weeks."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dagster_project.errors import UsageError
from dagster_project.refresh.calendar import FiscalPeriod, due_on, load_cycles
from dagster_project.settings import SEEDS_DIR

POLICY = SEEDS_DIR / "policy" / "refresh_calendar.csv"
HOLIDAYS = {date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 1), date(2024, 12, 25)}
HOLIDAYS |= {date(2024, 12, 26), date(2025, 1, 1)}


def weeks_4_4_5(year: int, first_day: date, weeks: int) -> list[FiscalPeriod]:
    """A fiscal year of 4-4-5 quarters; week 53 belongs to the last period."""
    periods, start = [], first_day
    for number in range(1, 13):
        length = 5 if number % 3 == 0 else 4
        length += number == 12 and weeks == 53
        end = start + timedelta(weeks=length)
        name = f"{year}-{number:02d}"
        periods.append(FiscalPeriod(name, year, (number + 2) // 3, start, end))
        start = end
    return periods


# FY2023 of the retail calendar has 53 weeks: 29 January 2023 to 3 February 2024.
PERIODS = weeks_4_4_5(2023, date(2023, 1, 29), 53) + weeks_4_4_5(2024, date(2024, 2, 4), 52)


def is_working(day: date) -> bool:
    return day.isoweekday() <= 5 and day not in HOLIDAYS


def runs(cycle_id: str, first: date, last: date) -> list[tuple[str, date]]:
    cycles = [cycle for cycle in load_cycles(POLICY) if cycle.cycle_id == cycle_id]
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        (due.label, due.day) for day in days for due in due_on(day, cycles, PERIODS, is_working)
    ]


FIRST, LAST = date(2023, 1, 29), date(2025, 2, 28)


def test_months_close_once_each_on_their_third_working_day():
    found = runs("MONTHLY_SNOP", FIRST, LAST)
    assert [label for label, _ in found] == [period.fiscal_period_id for period in PERIODS]
    days = dict(found)
    # The 53rd week moves the close of 2023-12 to the week after 3 February 2024.
    assert days["2023-12"] == date(2024, 2, 7)
    assert days["2023-11"] == date(2023, 12, 27)
    # 2024-02 ends on 30 March: Good Friday lies before, Easter Monday after the month end.
    assert days["2024-02"] == date(2024, 4, 4)
    # A month end on a holiday weekend: 2024-11 ends on 28 December.
    assert days["2024-11"] == date(2025, 1, 2)


def test_quarters_and_years_run_once_on_their_working_day():
    quarters = dict(runs("QUARTERLY_TIERS", FIRST, LAST))
    assert sorted(quarters) == [f"{y}-Q{q}" for y in (2023, 2024) for q in (1, 2, 3, 4)]
    assert quarters["2023-Q4"] == date(2024, 2, 9)
    assert runs("ANNUAL_SCHEME", FIRST, LAST) == [
        ("FY2023", date(2024, 2, 16)),
        ("FY2024", date(2025, 2, 14)),
    ]


def test_weeks_start_on_their_first_working_day_and_days_run_daily():
    weeks = dict(runs("WEEKLY_DEMAND", FIRST, LAST))
    assert weeks["2024-W14"] == date(2024, 4, 2)  # Easter Monday
    assert weeks["2024-W15"] == date(2024, 4, 8)
    assert len(weeks) == len(set(weeks.values())) == 109
    assert len(runs("DAILY_REFRESH", FIRST, LAST)) == (LAST - FIRST).days + 1


def test_cycles_that_collide_run_from_the_shortest_to_the_longest():
    closing_year = [
        FiscalPeriod("2024-12", 2024, 4, date(2024, 12, 1), date(2025, 1, 1)),
    ]
    cycles = load_cycles(POLICY)
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(31)]
    found = [[d.cycle.kind for d in due_on(day, cycles, closing_year)] for day in days]
    assert ["DAILY", "MONTHLY"] in found  # the third working day
    assert found[5] == ["DAILY", "WEEKLY"]
    together = [c for c in cycles if c.kind in ("MONTHLY", "QUARTERLY")]
    same = [c.__class__(**{**c.__dict__, "anchor": "FP_CLOSE+3WD"}) for c in together]
    assert [d.cycle.kind for d in due_on(date(2025, 1, 3), same, closing_year)] == [
        "MONTHLY",
        "QUARTERLY",
    ]


def test_working_days_before_the_end_are_counted_backwards():
    cycle = load_cycles(POLICY)[2]
    early = cycle.__class__(**{**cycle.__dict__, "anchor": "FP_CLOSE-2WD"})
    # 2024-02 ends on Saturday 30 March; Good Friday is no working day.
    assert due_on(date(2024, 3, 27), [early], PERIODS, is_working)[0].label == "2024-02"
    assert due_on(date(2024, 3, 28), [early], PERIODS, is_working) == []


def test_cutoff_is_local_also_when_the_clock_changes():
    cycle = load_cycles(POLICY)[0]
    local = cycle.__class__(**{**cycle.__dict__, "time_zone": "Europe/Berlin"})
    assert local.cutoff_at(date(2025, 3, 29)) == datetime(2025, 3, 29, 4, tzinfo=UTC)
    assert local.cutoff_at(date(2025, 3, 30)) == datetime(2025, 3, 30, 3, tzinfo=UTC)


def test_a_calendar_without_working_days_is_an_error():
    with pytest.raises(UsageError, match="working days within two months"):
        due_on(date(2024, 3, 5), load_cycles(POLICY), PERIODS, lambda day: False)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "SOMETIMES"),
        ("anchor", "FP_CLOSE+0WD"),
        ("anchor", "MONTH+1"),
        ("cutoff_time", "25:00"),
        ("time_zone", "Europe/Atlantis"),
        ("deadline_minutes", "soon"),
        ("is_frozen", "maybe"),
        ("owner", ""),
        ("cycle_id", "DAILY_REFRESH"),
    ],
)
def test_a_bad_value_is_named_with_file_row_and_column(tmp_path: Path, column, value):
    lines = POLICY.read_text().splitlines()
    cells = lines[2].split(",")
    cells[lines[0].split(",").index(column)] = value
    path = tmp_path / "refresh_calendar.csv"
    path.write_text("\n".join([*lines[:2], ",".join(cells), *lines[3:]]))
    with pytest.raises(UsageError) as error:
        load_cycles(path)
    place = 2 if column == "cycle_id" else 3
    assert f"refresh_calendar.csv, row {place}, column {column}" in error.value.why
