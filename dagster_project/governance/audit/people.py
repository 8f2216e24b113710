"""Checks of what people decided: A3 and A4 to A7, from the decisions alone."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import pairwise

from dagster_project.governance.audit.results import CheckResult, failed, no_data, passed
from dagster_project.governance.decisions import Decision
from dagster_project.governance.kinds import RULE_ROLE
from dagster_project.governance.requests.fold import Log, Request, fold
from dagster_project.governance.requests.machine import State
from dagster_project.governance.requests.people import person
from dagster_project.governance.requests.submission import ClosedPeriod


def unapproved(decisions: Sequence[Decision], at: datetime) -> CheckResult:
    """A3: no verdict that nothing allowed, no emergency that nobody approved afterwards.

    An emergency that lapsed stays at fault until a later request for the entity is approved.
    """
    log = fold(decisions)
    for seq, refusal in log.ignored:
        if refusal.code != "FOUR_EYES":
            return failed("A3", f"It says that it counts: {refusal.why}", seq)
    for one in log.requests.values():
        if one.is_emergency and one.state(at) is State.EXPIRED and not _made_good(one, log, at):
            roles = ", ".join(one.roles_missing)
            return failed("A3", f"{one.request_id} held unapproved; missing: {roles}.", one.seq)
    if not log.requests:
        return no_data("A3", "Nobody has requested anything.")
    return passed("A3", f"{len(log.requests)} requests.")


def four_eyes(decisions: Iterable[Decision]) -> CheckResult:
    """A4: nobody's yes counts for a request of the same person, nor of whom they stand for."""
    requesters: dict[str, set[str]] = {}
    count = 0
    for one in sorted(decisions, key=lambda one: one.seq):
        said = one.payload
        if one.kind == "segment_request":
            for name in (said["request_id"], said["parent_request_id"]):
                requesters.setdefault(name, set()).add(person(one.actor))
        counts = one.kind == "segment_request_verdict" and said["outcome"] == "COUNTED"
        if not counts or said["act"] != "approve":
            continue
        count += 1
        people = {person(one.actor), person(said["on_behalf_of"] or one.actor)}
        if people & requesters.get(said["request_id"], set()):
            why = f"{one.actor} approved {said['request_id']}, an own request."
            return failed("A4", why, one.seq)
    return passed("A4", f"{count} approvals.") if count else no_data("A4", "No approval yet.")


def dated_back(decisions: Iterable[Decision], closed: Sequence[ClosedPeriod] | None) -> CheckResult:
    """A5: no request for a day in a period that was closed by then, unless finance made it."""
    if closed is None:
        return no_data("A5", "No release says which periods are closed.")
    count = 0
    for one in sorted(decisions, key=lambda one: one.seq):
        if one.kind != "segment_request" or one.role == RULE_ROLE:
            # What a rule proposed holds from its approval on, never from before.
            continue
        count += 1
        day = date.fromisoformat(one.payload["effective_date"])
        moment = one.decided_at.replace(tzinfo=None)
        for start, end, closed_at in closed:
            was_closed = closed_at is None or closed_at <= moment
            if one.role != "finance" and start <= day < end <= moment.date() and was_closed:
                return failed(
                    "A5", f"Asked for {day}; the period from {start} was closed.", one.seq
                )
    return passed("A5", f"{count} requests, {len(closed)} closed periods.")


def clock(decisions: Sequence[Decision]) -> CheckResult:
    """A6: no decision is from before the one that it follows."""
    for before, after in pairwise(decisions):
        if after.decided_at < before.decided_at:
            moments = f"{after.decided_at:%F %T} after {before.decided_at:%F %T}"
            return failed("A6", f"It was taken at {moments}.", after.seq)
    if not decisions:
        return no_data("A6", "Nothing was decided.")
    return passed("A6", f"{len(decisions)} decisions.")


def retention(decisions: Sequence[Decision]) -> CheckResult:
    """A7: every decision from the first on is there; none is ever removed, whatever its age."""
    if not decisions:
        return no_data("A7", "Nothing was decided.")
    for wanted, one in enumerate(decisions, start=1):
        if one.seq != wanted:
            return failed("A7", f"Decision {wanted} is not there any more.", wanted)
    return passed("A7", f"From {decisions[0].decided_at:%F} on.")


def _made_good(request: Request, log: Log, at: datetime) -> bool:
    """Whether a later request for the same entity was approved."""
    place = (request.scheme_id, request.entity_id)
    return any(
        (one.scheme_id, one.entity_id) == place
        and one.seq > request.seq
        and one.state(at) in (State.APPROVED, State.EFFECTIVE)
        for one in log.requests.values()
    )
