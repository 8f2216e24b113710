"""Whatever anybody writes into the log, a request only makes moves that the machine has."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.governance.decisions import Decision
from dagster_project.governance.requests.fold import fold
from dagster_project.governance.requests.machine import OPEN, TRANSITIONS, State, acts_in

START = datetime(2026, 3, 10, 9, tzinfo=UTC)
PEOPLE = ("anna", "Anna", "ben", "fay", "ola", "dora")
ROLES = ("sales", "finance", "segment_owner", "committee")


def _request(is_emergency: bool, effective: str) -> Decision:
    payload = {
        "request_id": "R1",
        "scheme_id": "service",
        "entity_id": "E1",
        "from_segment": "S3",
        "to_segment": "S2",
        "effective_date": effective,
        "reason_code": "OTHER",
        "origin": "MANUAL",
        "is_emergency": is_emergency,
        "parent_request_id": "P1",
        "route": "T",
        "roles_needed": "segment_owner sales",
        "expires_on": "2026-03-12",
        "revenue_12_months": None,
    }
    return Decision(
        *(1, "", START, "segment_request", "E1", "anna", "sales", "why", payload, "", "")
    )


verdicts = st.lists(
    st.tuples(
        st.sampled_from(["approve", "reject", "withdraw", "repoint", "delegate"]),
        st.sampled_from(PEOPLE),
        st.sampled_from(ROLES),
        st.sampled_from([None, *PEOPLE]),
        st.sampled_from(["R1", "P1", "R9"]),
        st.integers(0, 40),
    ),
    max_size=8,
)


def _decisions(is_emergency: bool, effective: str, acts: list) -> list[Decision]:
    found, moment = [_request(is_emergency, effective)], START
    for number, (act, actor, role, other, name, hours) in enumerate(acts, start=2):
        moment += timedelta(hours=hours)
        payload = {
            "request_id": name,
            "act": act,
            "on_behalf_of": other,
            "entity_id": "E2",
            "outcome": "COUNTED",
            "refusal": None,
        }
        kind = "segment_request_verdict"
        if act == "delegate":
            kind = "delegation"
            payload = {
                "delegate": other or "dora",
                "valid_from": "2026-03-01",
                "valid_to": "2026-03-31",
            }
        found.append(
            Decision(*(number, "", moment, kind, name, actor, role, "why", payload, "", ""))
        )
    return found


@settings(max_examples=400, deadline=None)
@given(st.booleans(), st.sampled_from(["2026-03-01", "2026-03-11", "2026-05-01"]), verdicts)
def test_every_transition_that_is_not_in_the_machine_is_refused(is_emergency, effective, acts):
    decisions = _decisions(is_emergency, effective, acts)
    before = fold(decisions[:1]).requests["R1"].state(START)
    for count in range(2, len(decisions) + 1):
        moment = decisions[count - 1].decided_at
        # First time passes, then the act counts.
        for known in (count - 1, count):
            request = fold(decisions[:known]).requests["R1"]
            after = request.state(moment)
            assert after == before or after in TRANSITIONS[before], (before, after)
            before = after
        givers = {one.actor.casefold() for one in request.approvals}
        givers |= {(one.on_behalf_of or one.actor).casefold() for one in request.approvals}
        assert "anna" not in givers
        assert len({one.role for one in request.approvals}) == len(request.approvals)
        if after in (State.APPROVED, State.EFFECTIVE):
            assert {one.role for one in request.approvals} == {"segment_owner", "sales"}


@settings(max_examples=50, deadline=None)
@given(verdicts, st.randoms())
def test_the_order_in_which_decisions_are_read_changes_nothing(acts, chance):
    decisions = _decisions(False, "2026-05-01", acts)
    shuffled = list(decisions)
    chance.shuffle(shuffled)
    assert fold(shuffled).requests == fold(decisions).requests


def test_only_an_open_request_can_be_decided():
    for state in State:
        assert bool(acts_in(state)) == (state in OPEN)
        assert bool(TRANSITIONS[state]) == (state in OPEN or state is State.APPROVED)
