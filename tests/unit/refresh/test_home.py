"""What a home knows: the calendar comes from the release, watermarks from what was landed."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.refresh.home import released_periods, released_working_days, watermarks
from dagster_project.settings import Settings

GOOD_FRIDAY, SATURDAY, MONDAY = date(2025, 4, 18), date(2025, 4, 19), date(2025, 4, 21)


@pytest.fixture
def home(tmp_path):
    settings = Settings(home=tmp_path)
    folder = settings.releases_dir / "r1"
    folder.mkdir(parents=True)
    settings.current_link.symlink_to(Path("releases") / "r1")
    con = duckdb.connect(str(folder / "marts.duckdb"))
    con.execute(
        "create table dim_date as select * from (values (date '2025-04-18', false),"
        " (date '2025-04-19', true)) as v(calendar_date, is_working_day);"
        " create table dim_fiscal_period as select * from (values"
        " ('A', 'A-1', 2025, 1, date '2025-01-01', date '2025-02-01'),"
        " ('B', 'B-2', 2025, 1, date '2025-02-01', date '2025-03-01'),"
        " ('B', 'B-1', 2025, 1, date '2025-01-01', date '2025-02-01'),"
        " ('C', 'C-1', 2025, 1, date '2025-01-01', null))"
        " as v(calendar_id, fiscal_period_id, fiscal_year, quarter_no, start_date, end_date)"
    )
    con.close()
    return settings


def test_working_days_are_those_of_the_release_and_beyond_it_monday_to_friday(home):
    is_working = released_working_days(home)
    assert [is_working(day) for day in (GOOD_FRIDAY, SATURDAY, MONDAY)] == [False, True, True]


def test_planning_follows_the_calendar_with_the_most_periods(home):
    assert [period.fiscal_period_id for period in released_periods(home)] == ["B-1", "B-2"]


def test_an_older_release_and_an_empty_home_know_nothing_and_say_so(home, tmp_path):
    con = duckdb.connect(str(home.current_link / "marts.duckdb"))
    con.execute("alter table dim_date drop column is_working_day")
    con.close()
    assert released_working_days(home)(GOOD_FRIDAY)
    empty = Settings(home=tmp_path / "empty")
    assert released_periods(empty) == []
    marks = watermarks(empty)
    assert "erp.sales_order" in marks
    assert set(marks.values()) == {None}
