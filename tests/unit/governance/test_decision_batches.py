"""Decisions that follow from those before are taken together, on each database, or not at all."""

import pytest
from decision_cases import VERDICT, verdict

from dagster_project.errors import UsageError

KINDS = ["identity_verdict"]


def test_what_is_proposed_sees_all_before_and_is_kept_in_its_order(store):
    first = store.append(verdict(1))
    seen = []

    def propose(before, moment):
        seen.extend(before)
        assert moment >= first.decided_at
        return [(verdict(2), "a"), (verdict(3), None)]

    taken = store.append_as(propose, KINDS)
    assert seen == [first]
    assert [one.seq for one in taken] == [2, 3]
    assert store.read() == [first, *taken]
    assert store.verify() == 3


def test_only_the_kinds_that_were_asked_for_are_seen(store):
    store.append(VERDICT)
    store.append_as(lambda before, _moment: [(VERDICT, None)] if not before else [], ["delegation"])
    assert store.verify() == 2


@pytest.mark.parametrize("bad", [(verdict(9, reason=" "), None), (verdict(9), "used")])
def test_one_that_cannot_be_kept_takes_the_others_with_it(store, bad):
    store.append(verdict(1), key="used")
    with pytest.raises(UsageError):
        store.append_as(lambda *_: [(verdict(2), None), bad], KINDS)
    assert store.verify() == 1


def test_a_proposal_that_is_refused_keeps_nothing_and_frees_the_store(store):
    def propose(_before, _moment):
        raise UsageError("No.")

    with pytest.raises(UsageError, match="No"):
        store.append_as(propose, KINDS)
    assert store.append(verdict(1)).seq == 1
