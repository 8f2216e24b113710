"""One request for a family: the parent decides for its children, together or not at all."""

import pytest
from request_cases import ANNA, BEN, COM, FAY, OLA, approve, ask, facts, state

from dagster_project.errors import UsageError
from dagster_project.governance.requests import Act, Refused

MEMBERS = ("E1", "E2", "E3")


def submit(desk, revenue="1000", **said):
    asks = [ask(one, **said) for one in MEMBERS]
    return desk.submit_family(asks, ANNA, {one: facts(one, revenue=revenue) for one in MEMBERS})


def test_a_verdict_on_the_parent_counts_for_every_open_child(desk, clock):
    parent = submit(desk, to="S4")
    children = [one.request_id for one in desk.log().named(parent)]
    assert children == [f"{parent}.1", f"{parent}.2", f"{parent}.3"]
    desk.decide(children[1], Act.WITHDRAW, ANNA, "stays as it is")
    approve(desk, parent, OLA)
    approve(desk, parent, BEN)
    states = [state(desk, one, clock) for one in children]
    assert states == ["APPROVED", "WITHDRAWN", "APPROVED"]


def test_nobody_approves_an_own_family(desk):
    parent = submit(desk, to="S4")
    with pytest.raises(Refused, match="anna submitted"):
        approve(desk, parent, ANNA)


def test_the_revenue_of_the_whole_family_decides_the_route(desk, clock):
    parent = submit(desk, revenue="400000", to="S4")
    for who in (OLA, BEN, FAY):
        approve(desk, parent, who)
    assert state(desk, f"{parent}.1", clock) == "IN_REVIEW"
    approve(desk, parent, COM)
    assert state(desk, f"{parent}.1", clock) == "APPROVED"


def test_a_family_is_kept_whole_or_not_at_all(desk, store):
    desk.submit(ask("E3"), BEN, facts("E3"))
    with pytest.raises(Refused, match="E3 has an open request"):
        submit(desk)
    assert len(store.read("segment_request")) == 1


def test_the_same_key_is_one_family(desk, store):
    asks = [ask(one) for one in MEMBERS]
    known = {one: facts(one) for one in MEMBERS}
    first = desk.submit_family(asks, ANNA, known, "form-1")
    assert desk.submit_family(asks, ANNA, known, "form-1") == first
    with pytest.raises(UsageError, match="another family"):
        desk.submit_family([ask("E1", to="S1")], ANNA, known, "form-1")
    assert len(store.read("segment_request")) == 3


def test_a_family_without_members_is_no_request(desk):
    with pytest.raises(UsageError, match="nobody to move"):
        desk.submit_family([], ANNA, {})
