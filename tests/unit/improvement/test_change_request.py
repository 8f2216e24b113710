"""A proposal is taken up by two people in two roles, once in a quarter, and past no contract."""

import pytest

from dagster_project.errors import UsageError
from dagster_project.governance import DecisionStore
from dagster_project.improvement.change_request import KIND, verdict

PROPOSAL = {
    "request_id": "service:S2|OTIF|2",
    "proposal_id": "2026-05|service:S2|OTIF",
    "proposal_type": "SLA_TARGET",
    "scheme_id": "service",
    "from_version": "1",
    "to_version": "2",
    "segment_key": "service:S2",
    "element": "OTIF",
    "direction": "LOWER",
    "target": 0.95,
    "new_target": 0.9,
    "entities_moved_count": 0,
    "saving_per_quarter_group": 2000.0,
    "is_blocked_by_contract": False,
    "reason": "more is done than expected, and it does not pay",
}
OTHER = PROPOSAL | {"request_id": "service:*|WEIGHT:x|2", "element": "WEIGHT:x"}


@pytest.fixture
def desk(tmp_path):
    """Takes a verdict on a day."""

    def decide(act, who, role, day="2026-06-10", proposal=PROPOSAL, name=None):
        from datetime import UTC, datetime

        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
        store = DecisionStore(f"sqlite:///{tmp_path / 'decisions.db'}", lambda: moment)
        request = name or proposal["request_id"]
        return store.append_as(
            lambda before, at: verdict(before, at, request, proposal, act, who, role, "seen"),
            [KIND],
        )

    return decide


def test_first_verdict_opens_the_request_with_what_the_proposal_said(desk):
    opened, approved = desk("approve", "ola", "segment_owner")
    assert (opened.role, opened.payload["act"]) == ("rule", "open")
    assert opened.payload["new_target"] == "0.900000"
    assert opened.payload["saving_group"] == "2000.0000"
    assert opened.payload["roles_needed"] == "segment_owner finance"
    assert approved.payload["act"] == "approve"
    # The evidence stays what it was, whatever the proposal says later.
    (second,) = desk("approve", "fay", "finance", proposal=PROPOSAL | {"new_target": 0.8})
    assert second.payload["new_target"] is None


@pytest.mark.parametrize(
    ("who", "role", "why"),
    [
        ("ola", "finance", "two people"),
        ("eve", "segment_owner", "two people"),
        ("kim", "committee", "does not decide"),
    ],
    ids=["one person in two roles", "two people in one role", "a role that is not asked"],
)
def test_four_eyes_are_two_people_in_two_roles(desk, who, role, why):
    desk("approve", "ola", "segment_owner")
    with pytest.raises(UsageError, match=why):
        desk("approve", who, role)


def test_what_is_decided_is_decided(desk):
    desk("reject", "fay", "finance")
    with pytest.raises(UsageError, match="It is decided"):
        desk("approve", "ola", "segment_owner")


def test_contract_stands_in_the_way_of_lowering(desk):
    with pytest.raises(UsageError, match="contract"):
        desk(
            "approve", "ola", "segment_owner", proposal=PROPOSAL | {"is_blocked_by_contract": True}
        )


def test_proposal_that_is_in_no_release_opens_nothing(desk):
    with pytest.raises(UsageError, match="No proposal"):
        desk("approve", "ola", "segment_owner", proposal=None, name="service:S9|OTIF|2")


def test_second_definition_of_a_quarter_waits_for_the_next(desk):
    desk("approve", "ola", "segment_owner")
    desk("approve", "fay", "finance")
    desk("approve", "ola", "segment_owner", "2026-06-11", OTHER)
    with pytest.raises(UsageError, match="in this quarter"):
        desk("approve", "fay", "finance", "2026-06-30", OTHER)
    (taken,) = desk("approve", "fay", "finance", "2026-07-01", OTHER)
    assert taken.payload["request_id"] == OTHER["request_id"]


def test_request_goes_on_where_the_release_no_longer_proposes_it(desk):
    desk("approve", "ola", "segment_owner")
    name = PROPOSAL["request_id"]
    (taken,) = desk("reject", "fay", "finance", "2026-06-11", None, name)
    assert taken.payload["act"] == "reject"
