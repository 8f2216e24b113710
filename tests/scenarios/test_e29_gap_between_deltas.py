"""E29: between two deltas of a feed there is a window that nobody delivered."""

from datetime import UTC, date, datetime

from dagster_project.refresh.calendar import Due, load_cycles
from dagster_project.refresh.home import reached_without_gap
from dagster_project.refresh.readiness import Verdict, judge
from dagster_project.settings import SEEDS_DIR

from .world import write_batch

FEED = ("hr", "user")
FIRST = ("2025-06-01T00:00:00Z", "2025-06-10T00:00:00Z")
MISSING = ("2025-06-10T00:00:00Z", "2025-06-12T00:00:00Z")
AFTER = ("2025-06-12T00:00:00Z", "2025-06-20T00:00:00Z")


def delivered(root):
    for name, (since, until) in (("E29-FIRST", FIRST), ("E29-AFTER", AFTER)):
        row = {"user_id": name, "function": "SC", "role": "planner", "is_active": "true"}
        write_batch(
            root,
            *FEED,
            name,
            [row | {"_op": "I"}],
            mode="DELTA",
            window_from=since,
            window_to=until,
            extracted_at=until,
        )


def test_the_release_is_held_by_a_control_that_names_the_feed_the_batch_and_the_gap(ask):
    [row] = ask(
        "select status, severity, detail from marts.fct_control_result"
        " where control_id = 'R-12' and dimension = 'feed=hr.user'"
    )
    assert (row["status"], row["severity"]) == ("FAIL", "CRITICAL")
    assert row["detail"].startswith("E29-AFTER gap: the window starts at 2025-06-12")


def moments(*windows):
    return [tuple(datetime.fromisoformat(moment) for moment in window) for window in windows]


def test_the_feed_has_delivered_up_to_the_gap_and_no_further():
    assert reached_without_gap(moments(AFTER, FIRST)) == datetime(2025, 6, 10, tzinfo=UTC)
    assert reached_without_gap(moments(AFTER, MISSING, FIRST)) == datetime(2025, 6, 20, tzinfo=UTC)


def test_a_cycle_waits_for_the_missing_window_and_then_runs_degraded():
    cycles = load_cycles(SEEDS_DIR / "policy" / "refresh_calendar.csv")
    [daily] = [cycle for cycle in cycles if cycle.cycle_id == "DAILY_REFRESH"]
    due = Due(daily, date(2025, 6, 20), "2025-06-20")
    marks = {"hr.user": reached_without_gap(moments(FIRST, AFTER))}
    early = judge(due, marks, datetime(2025, 6, 20, 6, tzinfo=UTC))
    late = judge(due, marks, datetime(2025, 6, 20, 8, tzinfo=UTC))
    assert (early.verdict, early.feeds_behind) == (Verdict.WAIT, ("hr.user",))
    assert late.verdict is Verdict.START_DEGRADED
    assert "runs on the last good data: hr.user behind" in late.sentence
