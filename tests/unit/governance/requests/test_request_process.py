"""A request goes from hand to hand as the matrix says, and no other way."""

from datetime import date

import pytest
from request_cases import ANNA, BEN, COM, FAY, OLA, approve, ask, facts, state

from dagster_project.errors import UsageError
from dagster_project.governance.requests import Act, Asker, Refused


def test_one_step_up_of_a_small_customer_needs_the_owner_and_holds_from_its_day(desk, clock):
    name = desk.submit(ask(), ANNA, facts())
    assert state(desk, name, clock) == "SUBMITTED"
    approve(desk, name, OLA)
    assert state(desk, name, clock) == "APPROVED"
    (request,) = desk.log().named(name)
    assert not request.holds(clock.now)
    clock.turn(days=22)
    assert state(desk, name, clock) == "EFFECTIVE"
    assert request.holds(clock.now)


def test_a_request_is_in_review_until_every_role_has_approved(desk, clock):
    name = desk.submit(ask(to="S4"), ANNA, facts())
    approve(desk, name, OLA)
    assert state(desk, name, clock) == "IN_REVIEW"
    assert desk.log().requests[name].roles_missing == ("sales",)
    approve(desk, name, BEN)
    assert state(desk, name, clock) == "APPROVED"


def test_two_steps_go_to_the_committee(desk, clock):
    name = desk.submit(ask(to="S1"), ANNA, facts())
    for who in (OLA, BEN, FAY):
        approve(desk, name, who)
    assert state(desk, name, clock) == "IN_REVIEW"
    approve(desk, name, COM)
    assert state(desk, name, clock) == "APPROVED"


def test_e47_who_submitted_cannot_approve_and_the_attempt_is_in_the_log(desk, store, clock):
    name = desk.submit(ask(to="S4"), ANNA, facts())
    with pytest.raises(Refused, match="anna submitted") as refused:
        approve(desk, name, ANNA)
    assert "somebody else" in refused.value.fix
    assert state(desk, name, clock) == "SUBMITTED"
    (tried,) = store.read("segment_request_verdict")
    assert (tried.actor, tried.payload["outcome"]) == ("anna", "REFUSED")
    assert "anna submitted" in tried.payload["refusal"]


@pytest.mark.parametrize("spelling", ["Anna", " ANNA ", "ａｎｎａ"])
def test_another_spelling_of_the_name_is_the_same_person(desk, clock, spelling):
    name = desk.submit(ask(to="S4"), ANNA, facts())
    with pytest.raises(Refused):
        approve(desk, name, Asker(spelling, "sales"))
    assert state(desk, name, clock) == "SUBMITTED"


def test_one_person_does_not_stand_for_two_roles(desk):
    name = desk.submit(ask(to="S4"), ANNA, facts())
    approve(desk, name, Asker("ben", "segment_owner"))
    with pytest.raises(Refused, match="another role"):
        approve(desk, name, BEN)


def test_a_delegate_approves_while_the_delegation_holds(desk, clock):
    first = desk.submit(ask(to="S4"), ANNA, facts())
    deputy = Asker("dora", "segment_owner")
    with pytest.raises(Refused, match="has not let dora act"):
        approve(desk, first, deputy, on_behalf_of="ola")
    desk.delegate(OLA, "dora", date(2026, 3, 10), date(2026, 3, 12), "on leave")
    approve(desk, first, deputy, on_behalf_of="ola")
    assert state(desk, first, clock) == "IN_REVIEW"
    second = desk.submit(ask("E2", to="S4"), ANNA, facts("E2"))
    clock.turn(days=3)
    with pytest.raises(Refused, match="has not let dora act"):
        approve(desk, second, deputy, on_behalf_of="ola")


def test_a_delegation_holds_for_its_role_only_and_a_newer_one_replaces_it(desk):
    name = desk.submit(ask(to="S4"), ANNA, facts())
    desk.delegate(OLA, "dora", date(2026, 3, 1), date(2026, 3, 31), "on leave")
    with pytest.raises(Refused, match="act as sales"):
        approve(desk, name, Asker("dora", "sales"), on_behalf_of="ola")
    desk.delegate(OLA, "dora", date(2026, 3, 1), date(2026, 3, 9), "back early")
    with pytest.raises(Refused, match="has not let dora act"):
        approve(desk, name, Asker("dora", "segment_owner"), on_behalf_of="ola")


def test_neither_a_delegate_of_the_requester_nor_the_requester_as_delegate_approves(desk):
    name = desk.submit(ask(to="S4"), ANNA, facts())
    desk.delegate(ANNA, "dora", date(2026, 3, 1), date(2026, 3, 31), "on leave")
    desk.delegate(OLA, "anna", date(2026, 3, 1), date(2026, 3, 31), "on leave")
    with pytest.raises(Refused, match="delegate of anna"):
        approve(desk, name, Asker("dora", "sales"), on_behalf_of="anna")
    with pytest.raises(Refused, match="anna submitted"):
        approve(desk, name, Asker("anna", "segment_owner"), on_behalf_of="ola")
    with pytest.raises(UsageError, match="delegate of themselves"):
        desk.delegate(ANNA, "Anna", date(2026, 3, 1), date(2026, 3, 31), "me")
    with pytest.raises(UsageError, match="never hold"):
        desk.delegate(ANNA, "dora", date(2026, 3, 2), date(2026, 3, 1), "wrong way round")


def test_a_role_that_is_not_asked_for_is_told_which_ones_are(desk):
    name = desk.submit(ask(), ANNA, facts())
    with pytest.raises(Refused, match="needs segment_owner") as refused:
        approve(desk, name, FAY)
    assert "Missing: segment_owner" in refused.value.fix


def test_one_role_can_reject_and_then_nothing_more_happens(desk, clock):
    name = desk.submit(ask(to="S4"), ANNA, facts())
    desk.decide(name, Act.REJECT, OLA, "too early")
    assert state(desk, name, clock) == "REJECTED"
    for act, who in ((Act.APPROVE, BEN), (Act.WITHDRAW, ANNA), (Act.REJECT, OLA)):
        with pytest.raises(Refused, match="is REJECTED"):
            desk.decide(name, act, who, "still")


def test_only_the_requester_withdraws(desk, clock):
    name = desk.submit(ask(), ANNA, facts())
    with pytest.raises(Refused, match="submitted by anna"):
        desk.decide(name, Act.WITHDRAW, BEN, "not mine")
    desk.decide(name, Act.WITHDRAW, ANNA, "too early")
    assert state(desk, name, clock) == "WITHDRAWN"


def test_a_request_that_nobody_decides_in_thirty_days_is_over(desk, clock):
    name = desk.submit(ask(effective_date=date(2026, 6, 1)), ANNA, facts())
    clock.turn(days=30, seconds=-1)
    assert state(desk, name, clock) == "SUBMITTED"
    clock.turn(seconds=1)
    assert state(desk, name, clock) == "EXPIRED"
    with pytest.raises(Refused, match="is EXPIRED") as refused:
        approve(desk, name, OLA)
    assert "Submit a new request" in refused.value.fix


def test_an_emergency_holds_at_once_and_ends_after_a_day_without_approval(desk, clock):
    urgent = ask(effective_date=date(2026, 3, 10), is_emergency=True)
    name = desk.submit(urgent, ANNA, facts())
    (request,) = desk.log().named(name)
    assert (state(desk, name, clock), request.holds(clock.now)) == ("EMERGENCY", True)
    clock.turn(hours=24)
    assert (state(desk, name, clock), request.holds(clock.now)) == ("EXPIRED", False)


def test_an_emergency_is_approved_after_the_fact(desk, clock):
    urgent = ask(effective_date=date(2026, 3, 10), is_emergency=True)
    name = desk.submit(urgent, ANNA, facts())
    approve(desk, name, OLA)
    assert state(desk, name, clock) == "EMERGENCY"
    clock.turn(hours=23)
    approve(desk, name, FAY)
    clock.turn(days=5)
    assert state(desk, name, clock) == "EFFECTIVE"


def test_an_entity_has_one_open_request_and_a_later_one_starts_where_it_leads(desk):
    name = desk.submit(ask(), ANNA, facts())
    with pytest.raises(Refused, match=f"open request, {name}"):
        desk.submit(ask(to="S4"), BEN, facts())
    approve(desk, name, OLA)
    with pytest.raises(Refused, match="moves to S2"):
        desk.submit(ask(to="S4"), BEN, facts())
    assert desk.submit(ask(to="S1", from_segment="S2"), BEN, facts()) in desk.log().requests


def test_a_later_request_starts_where_one_leads_that_the_release_has_not_seen(desk, clock):
    from dataclasses import replace

    released = replace(facts(), as_of="2026-03-31")
    name = desk.submit(ask(), ANNA, released)
    approve(desk, name, OLA)
    clock.turn(days=25)
    assert state(desk, name, clock) == "EFFECTIVE"
    later = {"to": "S4", "effective_date": date(2026, 5, 1)}
    with pytest.raises(Refused, match="moves to S2 on 2026-04-01") as refused:
        desk.submit(ask(**later), BEN, released)
    assert refused.value.fix == "Submit it again from S2."
    assert desk.submit(ask(from_segment="S2", **later), BEN, released)


def test_a_release_that_has_seen_the_move_is_believed_again(desk, clock):
    from dataclasses import replace

    approve(desk, desk.submit(ask(), ANNA, facts()), OLA)
    clock.turn(days=60)
    moved_back = replace(facts(), as_of="2026-05-01")
    assert desk.submit(ask(effective_date=date(2026, 6, 1)), BEN, moved_back)


def test_a_closed_period_is_for_finance_only(desk):
    early = {"effective_date": date(2026, 1, 15)}
    with pytest.raises(Refused, match="closed period from 2026-01-01"):
        desk.submit(ask(**early), ANNA, facts())
    desk.submit(ask(**early), FAY, facts())
    desk.submit(ask("E2", effective_date=date(2026, 2, 15)), ANNA, facts("E2"))


def test_where_no_release_says_what_is_closed_no_past_day_is_taken(tmp_path, clock):
    from request_cases import desk_at

    desk, _ = desk_at(tmp_path, clock, closed=None)
    with pytest.raises(Refused, match="no release says"):
        desk.submit(ask(effective_date=date(2026, 3, 9)), ANNA, facts())


def test_e48_a_request_is_re_pointed_after_a_merge_and_approved_anew(desk, clock):
    name = desk.submit(ask(to="S4"), ANNA, facts())
    approve(desk, name, OLA)
    with pytest.raises(Refused, match="submitted by anna"):
        desk.decide(name, Act.REPOINT, OLA, "merged", entity_id="E9")
    desk.decide(name, Act.REPOINT, ANNA, "merged", entity_id="E9")
    (request,) = desk.log().named(name)
    assert (request.entity_id, request.approvals) == ("E9", ())
    assert state(desk, name, clock) == "SUBMITTED"


@pytest.mark.parametrize(
    ("said", "who", "why"),
    [
        ({"to": "S3"}, ANNA, "in S3 already"),
        ({"to": "S9"}, ANNA, "no segment S9"),
        ({"scheme_id": "other"}, ANNA, "no scheme other"),
        ({"reason": " "}, ANNA, "reason"),
        ({"origin": "WHIM"}, ANNA, "origin is 'WHIM'"),
        ({}, Asker("anna", "privacy"), "may not request"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_kept(desk, store, said, who, why):
    with pytest.raises(UsageError, match=why):
        desk.submit(ask(**said), who, facts())
    assert store.read() == []


def test_an_unknown_segment_has_to_be_stated(desk):
    with pytest.raises(UsageError, match="not known"):
        desk.submit(ask(), ANNA, facts(segment=None))
    desk.submit(ask(from_segment="S3"), ANNA)


def test_the_same_key_is_one_request_and_one_verdict(desk, store, clock):
    first = desk.submit(ask(key="form-1"), ANNA, facts())
    clock.turn(days=2)
    assert desk.submit(ask(key="form-1"), ANNA, facts(revenue="7")) == first
    with pytest.raises(UsageError, match="another request"):
        desk.submit(ask(to="S4", key="form-1"), ANNA, facts())
    assert approve(desk, first, OLA, key="v-1") == approve(desk, first, OLA, key="v-1")
    with pytest.raises(UsageError, match="another decision"):
        desk.decide(first, Act.REJECT, OLA, "no", key="v-1")
    assert len(store.read()) == 2


def test_a_refused_attempt_with_a_key_is_kept_once(desk, store):
    name = desk.submit(ask(), ANNA, facts())
    for _ in range(2):
        with pytest.raises(Refused, match="anna submitted"):
            approve(desk, name, ANNA, key="v-1")
    assert len(store.read("segment_request_verdict")) == 1


def test_an_unknown_request_is_said_to_be_unknown(desk):
    with pytest.raises(UsageError, match="no request SR-0"):
        approve(desk, "SR-0", OLA)
