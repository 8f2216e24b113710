"""Who holds which profile on a day, and what about access must be put right."""

from datetime import UTC, date, datetime

import pytest

from dagster_project.access.grants import findings_on, grants_on, region_for
from dagster_project.errors import UsageError
from dagster_project.governance import Decision, DecisionStore, Entry

PROFILES = {"internal", "planner"}


@pytest.fixture
def decide(tmp_path):
    """Take a decision about access on a day; return all decisions."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    store = DecisionStore(f"sqlite:///{tmp_path / 'decisions.db'}", clock=lambda: now[0])

    def run(day: str, act: str, **payload: str) -> list[Decision]:
        now[0] = datetime.fromisoformat(day).replace(tzinfo=UTC)
        store.append(Entry(f"access_{act}", "x", "kim", "security", "because", payload))
        return store.read()

    return run


def _grant(decide, day="2026-01-01", reader="lena", profile="planner", region="*", to="2026-12-31"):
    return decide(day, "grant", reader=reader, profile=profile, region=region, valid_to=to)


def _status(day: str, decisions: list[Decision]) -> dict[str, str]:
    found = grants_on(date.fromisoformat(day), decisions, PROFILES)
    return {one.reader: one.status for one in found}


def _checks(day: str, decisions: list[Decision]) -> list[tuple]:
    found = findings_on(date.fromisoformat(day), decisions, PROFILES)
    return [(one.check, one.profile_id, one.reader) for one in found]


def test_a_grant_holds_from_its_day_up_to_and_including_its_last(decide):
    decisions = _grant(decide, "2026-01-05", to="2026-02-01")
    days = ["2026-01-04", "2026-01-05", "2026-02-01", "2026-02-02"]
    assert [_status(day, decisions).get("lena") for day in days] == [
        None,
        "ACTIVE",
        "ACTIVE",
        "EXPIRED",
    ]


def test_the_newest_grant_or_withdrawal_holds(decide):
    _grant(decide, "2026-01-01")
    decide("2026-01-10", "revoke", reader="lena", profile="planner")
    decisions = _grant(decide, "2026-01-20", region="DACH")
    days = ("2026-01-09", "2026-01-10", "2026-01-20")
    assert [_status(day, decisions)["lena"] for day in days] == ["ACTIVE", "REVOKED", "ACTIVE"]


def test_expired_grants_and_orphans_are_found_until_they_are_withdrawn(decide):
    _grant(decide, reader="lena", to="2026-01-31")
    decisions = _grant(decide, reader="otto", profile="partner")
    assert _checks("2026-02-01", decisions) == [
        ("orphan", "partner", "otto"),
        ("expired", "planner", "lena"),
    ]
    decide("2026-02-02", "revoke", reader="lena", profile="planner")
    decisions = decide("2026-02-02", "revoke", reader="otto", profile="partner")
    assert _checks("2026-02-02", decisions) == []


def test_a_review_is_due_every_90_days_from_the_first_grant_on(decide):
    decisions = _grant(decide, "2026-01-01")
    assert _checks("2026-04-01", decisions) == []
    assert _checks("2026-04-02", decisions) == [("review", "planner", None)]
    decisions = decide("2026-04-02", "review", profile="planner")
    assert _checks("2026-07-01", decisions) == []
    assert _checks("2026-07-02", decisions) == [("review", "planner", None)]
    decisions = decide("2026-07-02", "review", profile="*")
    assert _checks("2026-09-30", decisions) == []


def test_a_review_of_another_profile_does_not_count_and_without_grants_none_is_due(decide):
    _grant(decide, "2026-01-01")
    decisions = decide("2026-03-31", "review", profile="internal")
    assert _checks("2026-04-02", decisions) == [("review", "planner", None)]
    assert _checks("2026-04-02", []) == []
    decisions = decide("2026-04-01", "revoke", reader="lena", profile="planner")
    assert _checks("2026-04-02", decisions) == []


def test_later_decisions_are_not_known_on_an_earlier_day(decide):
    _grant(decide, "2026-01-01")
    decisions = decide("2026-04-10", "review", profile="*")
    assert _checks("2026-04-02", decisions) == [("review", "planner", None)]


def test_the_region_of_a_reader_is_that_of_grant_and_profile_together(decide):
    decisions = _grant(decide, region="DACH")
    grants = grants_on(date(2026, 2, 1), decisions, PROFILES)
    assert region_for("lena", "planner", "*", grants) == "DACH"
    assert region_for("lena", "planner", "DACH", grants) == "DACH"
    with pytest.raises(UsageError, match="for UKI only"):
        region_for("lena", "planner", "UKI", grants)
    everywhere = grants_on(date(2026, 2, 1), _grant(decide, "2026-01-02"), PROFILES)
    assert region_for("lena", "planner", "*", everywhere) == "*"
    assert region_for("lena", "planner", "UKI", everywhere) == "UKI"


@pytest.mark.parametrize(
    ("day", "why"), [("2025-12-31", "never granted"), ("2027-01-01", "is expired")]
)
def test_without_an_active_grant_a_reader_gets_nothing(decide, day, why):
    grants = grants_on(date.fromisoformat(day), _grant(decide), PROFILES)
    with pytest.raises(UsageError, match=why):
        region_for("lena", "planner", "*", grants)
