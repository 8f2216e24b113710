"""Releases are listed newest first; readers can be moved back, and every move is remembered."""

from datetime import date

import pytest
from release_home import make_build

from dagster_project.errors import UsageError
from dagster_project.release import (
    current_release,
    gate,
    list_releases,
    publish,
    rollback,
    staleness,
)
from dagster_project.release.releases import history, history_path


@pytest.fixture
def three(settings, suites):
    for number in (1, 2, 3):
        make_build(settings, f"b{number}", f"2026-01-0{number}")
        assert gate(settings, suites_dir=suites).passed
        publish(settings)
    return settings


def _current(settings):
    return current_release(settings).build_id


def test_newest_release_is_current_and_listed_first(three):
    assert [r.build_id for r in list_releases(three)] == ["b3", "b2", "b1"]
    assert [r.is_current for r in list_releases(three)] == [True, False, False]


def test_rollback_moves_one_back_each_time_and_stops_at_the_first(three):
    assert rollback(three).build_id == "b2"
    assert rollback(three, reason="wrong prices").build_id == "b1"
    with pytest.raises(UsageError, match="no earlier release"):
        rollback(three)
    assert _current(three) == "b1"


def test_rollback_to_a_release_also_goes_forward(three):
    rollback(three, to="2026-01-01-b1")
    assert rollback(three, to="2026-01-03-b3").is_current


def test_unknown_release_is_a_usage_error_that_lists_the_known_ones(three):
    with pytest.raises(UsageError, match="2026-01-02-b2"):
        rollback(three, to="2020-01-01-zz")
    assert _current(three) == "b3"


def test_every_move_is_remembered_with_its_reason(three):
    rollback(three, reason="wrong prices")
    last = history(three)[-1]
    assert (last["action"], last["from"], last["release_id"], last["reason"]) == (
        "rollback",
        "2026-01-03-b3",
        "2026-01-02-b2",
        "wrong prices",
    )


def test_torn_line_in_the_history_is_survived(three):
    with history_path(three).open("a") as handle:
        handle.write('{"at": "2026-')
    rollback(three)
    assert [move["action"] for move in history(three)] == ["publish"] * 3 + ["rollback"]


def test_publishing_again_does_not_undo_a_rollback(three):
    rollback(three)
    release = publish(three)
    assert not release.is_current
    assert _current(three) == "b2"


def test_next_build_is_published_after_a_rollback(three, suites):
    rollback(three)
    make_build(three, "b4", "2026-01-04")
    gate(three, suites_dir=suites)
    assert publish(three).is_current
    assert rollback(three).build_id == "b3"


def test_staleness_counts_days_and_knows_what_waits(three, suites):
    found = staleness(three, today=date(2026, 1, 10))
    assert (found.days_behind, found.waiting_build) == (7, None)
    make_build(three, "b4", "2026-01-04")
    assert staleness(three, date(2026, 1, 10)).waiting_build == "b4"
    assert staleness(three, date(2026, 1, 10)).waiting_is_green is None
    gate(three, suites_dir=suites)
    assert staleness(three, date(2026, 1, 10)).waiting_is_green is True


def test_no_release_yet(settings):
    assert current_release(settings) is None
    assert list_releases(settings) == []
    assert staleness(settings, date(2026, 1, 1)).days_behind is None
    with pytest.raises(UsageError, match="no earlier release"):
        rollback(settings)
