"""The states of a request and what may be done in each of them.

A request has no state of its own in the store: ``fold`` finds it from the decisions. What nobody
decided (a request lapses, an approved one begins to hold) follows from the moment that is asked
about.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a request stands at a moment."""

    SUBMITTED = "SUBMITTED"
    """Nobody has approved yet."""
    IN_REVIEW = "IN_REVIEW"
    """Some of the roles have approved."""
    EMERGENCY = "EMERGENCY"
    """Holds already; the approval after the fact is due."""
    APPROVED = "APPROVED"
    """All roles have approved; holds from its effective date on."""
    EFFECTIVE = "EFFECTIVE"
    """All roles have approved and the effective date has come."""
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    """Nobody decided in time; an emergency no longer holds."""


class Act(StrEnum):
    """What a person may do with a request."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    REPOINT = "repoint"
    """The requester confirms that it is meant for another entity, after a merge."""


OPEN = frozenset({State.SUBMITTED, State.IN_REVIEW, State.EMERGENCY})
"""States in which people can still decide."""

_END = {State.APPROVED, State.EFFECTIVE, State.REJECTED, State.WITHDRAWN, State.EXPIRED}

TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.SUBMITTED: frozenset({State.IN_REVIEW, *_END}),
    State.IN_REVIEW: frozenset({State.SUBMITTED, *_END}),
    State.EMERGENCY: frozenset(_END),
    State.APPROVED: frozenset({State.EFFECTIVE}),
    State.EFFECTIVE: frozenset(),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
}
"""Every change of state that there is; a state may also stay."""


def acts_in(state: State) -> frozenset[Act]:
    """Return what may be done in a state; nothing once the request is no longer open."""
    return frozenset(Act) if state in OPEN else frozenset()
