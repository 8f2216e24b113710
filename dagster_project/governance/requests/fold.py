"""Where every request stands: the decisions read in sequence, nothing else.

What a verdict has to respect (open state, four eyes, role, delegation) is asked of every verdict
again when it is read, so that a row which got past the desk does not count and is listed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from dagster_project.governance.decisions import Decision
from dagster_project.governance.requests.machine import Act, State, acts_in
from dagster_project.governance.requests.people import (
    Delegation,
    delegations,
    may_act_for,
    person,
)

KINDS_READ = ("segment_request", "segment_request_verdict", "delegation")
"""Kinds of decision from which requests follow."""


@dataclass(frozen=True)
class Approval:
    """One role's yes, given by a person, or by a delegate on behalf of that person."""

    role: str
    actor: str
    on_behalf_of: str | None
    seq: int


@dataclass(frozen=True)
class Refusal:
    """Why an act does not count. ``code``: STATE, FOUR_EYES, ROLE, TWICE, DELEGATION or WHO."""

    code: str
    why: str
    fix: str


@dataclass(frozen=True)
class Verdict:
    """What a person wants to do with a request, and when."""

    act: Act
    actor: str
    role: str
    at: datetime
    on_behalf_of: str | None = None
    entity_id: str | None = None
    seq: int = 0


@dataclass(frozen=True)
class Request:
    """A request and what people did with it. ``ended`` is the act that closed it."""

    request_id: str
    seq: int
    scheme_id: str
    entity_id: str
    from_segment: str
    to_segment: str
    effective_date: date
    holds_until: date | None
    requester: str
    requester_role: str
    reason: str
    reason_code: str
    origin: str
    is_emergency: bool
    route: str
    roles_needed: tuple[str, ...]
    submitted_at: datetime
    expires_at: datetime
    revenue_12_months: Decimal | None
    parent_request_id: str | None
    key: str | None
    approvals: tuple[Approval, ...] = ()
    ended: Act | None = None
    ended_seq: int | None = None
    contract_floor: str | None = None
    contract_id: str | None = None
    contract_end_date: date | None = None
    breaks_contract: bool | None = None

    def state(self, at: datetime) -> State:
        """Return where it stands at a moment (UTC) after its last act."""
        if self.ended is not None:
            return State.REJECTED if self.ended is Act.REJECT else State.WITHDRAWN
        if not self.roles_missing:
            return State.EFFECTIVE if self.effective_date <= at.date() else State.APPROVED
        if at >= self.expires_at:
            return State.EXPIRED
        if self.is_emergency:
            return State.EMERGENCY
        return State.IN_REVIEW if self.approvals else State.SUBMITTED

    def holds(self, at: datetime) -> bool:
        """Tell whether the asked segment holds at a moment; an emergency does before approval."""
        state = self.state(at)
        is_due = self.effective_date <= at.date()
        return state is State.EFFECTIVE or (state is State.EMERGENCY and is_due)

    @property
    def roles_missing(self) -> tuple[str, ...]:
        """Roles that have not approved yet."""
        given = {one.role for one in self.approvals}
        return tuple(role for role in self.roles_needed if role not in given)


@dataclass
class Log:
    """Requests by id in sequence, delegations, and verdicts that do not count although they say so.

    ``ignored``: sequence number of the verdict and why.
    """

    requests: dict[str, Request] = field(default_factory=dict)
    delegations: list[Delegation] = field(default_factory=list)
    ignored: list[tuple[int, Refusal]] = field(default_factory=list)

    def named(self, name: str) -> list[Request]:
        """Return the request of an id, or the children of a parent; empty where there is none."""
        if name in self.requests:
            return [self.requests[name]]
        return [one for one in self.requests.values() if one.parent_request_id == name]


def fold(decisions: Iterable[Decision]) -> Log:
    """Return where the requests stand after decisions.

    Args:
        decisions: Of any kinds, in any order; they are read by sequence number.
    """
    log = Log()
    known: list[Decision] = []
    for one in sorted(decisions, key=lambda one: one.seq):
        if one.kind == "segment_request":
            request = request_from(one)
            log.requests[request.request_id] = request
        elif one.kind == "delegation":
            known.append(one)
            log.delegations = delegations(known)
        elif one.kind == "segment_request_verdict" and one.payload["outcome"] == "COUNTED":
            apply(log, one.payload["request_id"], verdict_from(one))
    return log


def apply(log: Log, name: str, verdict: Verdict) -> None:
    """Let a verdict count for a request, or for all open children of a parent, where it may."""
    refusals = []
    named = log.named(name)
    for request in named:
        refusal = refusal_of(request, verdict, log.delegations)
        if refusal is None:
            log.requests[request.request_id] = _after(request, verdict)
        else:
            refusals.append(refusal)
    if len(refusals) == len(named):
        unknown = Refusal("WHO", f"There is no request {name}.", "See `tierline decide requests`.")
        log.ignored.append((verdict.seq, refusals[0] if refusals else unknown))


def refusal_of(request: Request, verdict: Verdict, given: list[Delegation]) -> Refusal | None:
    """Return why an act does not count for a request, or null where it does."""
    state, name = request.state(verdict.at), request.request_id
    if verdict.act not in acts_in(state):
        return Refusal(
            "STATE",
            f"{name} is {state}; only an open request can be decided.",
            "Submit a new request with `tierline decide request`.",
        )
    principal = verdict.on_behalf_of or verdict.actor
    people = {person(verdict.actor), person(principal)}
    is_own = person(request.requester) in people
    if verdict.act in (Act.WITHDRAW, Act.REPOINT):
        if person(verdict.actor) == person(request.requester):
            return None
        return Refusal(
            "WHO", f"{name} was submitted by {request.requester}.", f"Ask {request.requester}."
        )
    if is_own:
        return Refusal(
            "FOUR_EYES",
            f"{request.requester} submitted {name} and cannot decide it, nor can a delegate of"
            f" {request.requester}.",
            "Let somebody else decide; `tierline decide withdraw` takes an own request back.",
        )
    if verdict.on_behalf_of and not may_act_for(
        given, verdict.actor, principal, verdict.role, verdict.at.date()
    ):
        return Refusal(
            "DELEGATION",
            f"{principal} has not let {verdict.actor} act as {verdict.role} on {verdict.at:%F}.",
            f"{principal} can do so with `tierline decide delegate`.",
        )
    if verdict.role not in request.roles_needed:
        return Refusal(
            "ROLE",
            f"{name} needs {', '.join(request.roles_needed)} (route {request.route}).",
            f"Missing: {', '.join(request.roles_missing)}.",
        )
    if verdict.act is Act.REJECT:
        return None
    if verdict.role not in request.roles_missing:
        return Refusal(
            "TWICE",
            f"{verdict.role} has approved {name} already.",
            f"Missing: {', '.join(request.roles_missing)}.",
        )
    before = {
        person(who) for one in request.approvals for who in (one.actor, one.on_behalf_of or "")
    }
    if people & before:
        return Refusal(
            "TWICE",
            f"{verdict.actor} or {principal} has approved {name} in another role.",
            "Each role needs a person of its own.",
        )
    return None


def request_from(one: Decision) -> Request:
    """Return the request that a decision of kind ``segment_request`` is, before any verdict."""
    said = one.payload
    days = date.fromisoformat(said["expires_on"]) - one.decided_at.date()
    return Request(
        request_id=said["request_id"],
        seq=one.seq,
        scheme_id=said["scheme_id"],
        entity_id=said["entity_id"],
        from_segment=said["from_segment"],
        to_segment=said["to_segment"],
        effective_date=date.fromisoformat(said["effective_date"]),
        holds_until=_day_or_none(said.get("holds_until")),
        requester=one.actor,
        requester_role=one.role,
        reason=one.reason,
        reason_code=said["reason_code"],
        origin=said["origin"],
        is_emergency=said["is_emergency"],
        route=said["route"],
        roles_needed=tuple(said["roles_needed"].split()),
        submitted_at=one.decided_at,
        expires_at=one.decided_at + timedelta(days=days.days),
        revenue_12_months=(
            None if said["revenue_12_months"] is None else Decimal(said["revenue_12_months"])
        ),
        parent_request_id=said["parent_request_id"],
        key=one.idempotency_key,
        contract_floor=said.get("contract_floor"),
        contract_id=said.get("contract_id"),
        contract_end_date=_day_or_none(said.get("contract_end_date")),
        breaks_contract=said.get("breaks_contract"),
    )


def _day_or_none(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def verdict_from(one: Decision) -> Verdict:
    """Return the verdict that a decision of kind ``segment_request_verdict`` is."""
    said = one.payload
    return Verdict(
        *(Act(said["act"]), one.actor, one.role, one.decided_at, said["on_behalf_of"]),
        said["entity_id"],
        one.seq,
    )


def _after(request: Request, verdict: Verdict) -> Request:
    if verdict.act is Act.APPROVE:
        yes = Approval(verdict.role, verdict.actor, verdict.on_behalf_of, verdict.seq)
        return replace(request, approvals=(*request.approvals, yes))
    if verdict.act is Act.REPOINT:
        # Who approved did so for another entity.
        return replace(request, entity_id=verdict.entity_id or request.entity_id, approvals=())
    return replace(request, ended=verdict.act, ended_seq=verdict.seq)
