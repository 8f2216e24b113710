"""Handing requests in: what may be asked, by which route it goes, and the entries that result."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from dagster_project.errors import RedError, TierlineError, UsageError
from dagster_project.governance.decisions import Decision, Entry
from dagster_project.governance.kinds import KINDS, RULE_ROLE, validated
from dagster_project.governance.requests.fold import Log, Request, fold, request_from
from dagster_project.governance.requests.impact import Facts, Impact, impact_of
from dagster_project.governance.requests.machine import OPEN, State
from dagster_project.governance.requests.matrix import ApprovalPolicy
from dagster_project.governance.requests.people import person

ClosedPeriod = tuple[date, date, datetime | None]
"""First day, first day after, and when it was closed (null: not known)."""

KEY = "segment_request:"
"""Begins the idempotency keys of requests in the store."""

_NAMESPACE = uuid.UUID("8a4b2f0e-7c55-4b8f-9a55-6f2f0b1d6c30")


class Refused(RedError):
    """The process does not allow it; says who can do what instead."""


@dataclass(frozen=True)
class Asker:
    """A person and the role in which the person acts."""

    actor: str
    role: str


@dataclass(frozen=True)
class Ask:
    """What somebody asks for. ``from_segment`` null takes the segment that the facts name.

    With ``holds_until``, its last day, the segment holds whatever the rules say until then; without
    it the entity moves once and the rules go on from there.
    """

    entity_id: str
    to_segment: str
    effective_date: date
    reason: str
    reason_code: str = "OTHER"
    scheme_id: str = "service"
    from_segment: str | None = None
    origin: str = "MANUAL"
    is_emergency: bool = False
    attachment: str | None = None
    key: str | None = None
    holds_until: date | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one asked request: ACCEPTED, KEPT (was there under its key) or REFUSED."""

    result: str
    request_id: str | None
    why: str = ""
    fix: str = ""
    error: TierlineError | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Rules:
    """What a submission is measured by. ``closed`` null: nobody knows which periods are closed."""

    policy: ApprovalPolicy
    closed: Sequence[ClosedPeriod] | None = None


@dataclass(frozen=True)
class Family:
    """Several requests that belong to one parent and go by the revenue of all of them."""

    parent_request_id: str
    revenue: Decimal | None


def new_id(key: str | None) -> str:
    """Return an id for a request; the same key has the same id."""
    made = uuid.uuid5(_NAMESPACE, key) if key else uuid.uuid4()
    return f"SR-{made.hex[:12].upper()}"


def entries_for(
    before: Sequence[Decision],
    moment: datetime,
    asks: Sequence[Ask],
    asker: Asker,
    facts: Mapping[str, Facts],
    rules: Rules,
    family: Family | None = None,
) -> tuple[list[tuple[Entry, str | None]], list[Outcome]]:
    """Return the entries to add and what becomes of each ask, in their order.

    Args:
        before: Decisions about requests so far.
        moment: When the new ones will be taken (UTC).
        asks: What is asked; each sees the ones before it.
        asker: Who asks.
        facts: What the release knows of each entity.
        rules: Approval policy and closed periods.
        family: Given where all asks are children of one parent.
    """
    log = fold(before)
    keys = {one.key: one for one in log.requests.values() if one.key}
    waiting = {
        (one.scheme_id, one.entity_id): one
        for one in log.requests.values()
        if one.requester_role != RULE_ROLE
        if one.state(moment) in (*OPEN, State.APPROVED) or _is_ahead(one, moment, facts)
    }
    entries: list[tuple[Entry, str | None]] = []
    outcomes: list[Outcome] = []
    for number, ask in enumerate(asks, start=1):
        key = f"{KEY}{ask.key}" if ask.key else None
        request_id = f"{family.parent_request_id}.{number}" if family else new_id(ask.key)
        try:
            if key in keys:
                _require_same(keys[key], ask, asker)
                outcomes.append(Outcome("KEPT", keys[key].request_id, "was submitted before"))
                continue
            place = (ask.scheme_id, ask.entity_id)
            entry = _entry(ask, asker, moment, facts.get(ask.entity_id), rules, request_id, family)
            _require_free(waiting.get(place), entry, moment)
        except TierlineError as error:
            outcomes.append(Outcome("REFUSED", None, f"{error.what} {error.why}", error.fix, error))
            continue
        request = as_request(entry, moment, key)
        waiting[place] = request
        keys |= {key: request} if key else {}
        entries.append((entry, key))
        outcomes.append(Outcome("ACCEPTED", request_id))
    return entries, outcomes


def _is_ahead(request: Request, moment: datetime, facts: Mapping[str, Facts]) -> bool:
    """Tell whether a request holds already, but on a day that the release has not seen yet."""
    known = facts.get(request.entity_id)
    if request.state(moment) is not State.EFFECTIVE or known is None or known.as_of is None:
        return False
    return date.fromisoformat(known.as_of) < request.effective_date


def members_of(log: Log, parent: str) -> list[Request]:
    """Return the children of a parent."""
    return [one for one in log.requests.values() if one.parent_request_id == parent]


def _entry(
    ask: Ask,
    asker: Asker,
    moment: datetime,
    facts: Facts | None,
    rules: Rules,
    request_id: str,
    family: Family | None,
) -> Entry:
    """The request as it is kept, with route, expiry and impact of this moment."""
    kind = KINDS["segment_request"]
    if asker.role not in kind.roles or asker.role == RULE_ROLE:
        raise UsageError(
            f"The role {asker.role} may not request a segment change.",
            f"Roles that may: {', '.join(role for role in kind.roles if role != RULE_ROLE)}.",
            "Ask somebody who has one of these roles.",
        )
    if not ask.reason.strip():
        raise UsageError(
            "A request needs a reason.", "It is blank.", "Say why the entity should move."
        )
    if ask.holds_until is not None and ask.holds_until < ask.effective_date:
        raise UsageError(
            "A request cannot end before it begins.",
            f"It shall hold from {ask.effective_date} until {ask.holds_until}.",
            "Name a last day that is not before the first.",
        )
    old = ask.from_segment or (facts.segment_code if facts else None)
    if old is None:
        raise UsageError(
            f"The segment of {ask.entity_id} is not known.",
            "The release has none for this scheme.",
            "State the segment that it has now.",
        )
    revenue = family.revenue if family else facts.revenue_12_months if facts else None
    impact = _impact(ask, old, facts, rules.policy)
    move = rules.policy.move(
        *(ask.scheme_id, old, ask.to_segment, revenue, ask.is_emergency),
        impact.has_floor_conflict if impact else None,
    )
    route = rules.policy.route(move)
    _require_open_period(ask, asker, moment, rules.closed)
    payload = {
        "request_id": request_id,
        "scheme_id": ask.scheme_id,
        "entity_id": ask.entity_id,
        "from_segment": old,
        "to_segment": ask.to_segment,
        "effective_date": ask.effective_date.isoformat(),
        "holds_until": ask.holds_until,
        "reason_code": ask.reason_code,
        "origin": ask.origin,
        "is_emergency": ask.is_emergency,
        "parent_request_id": family.parent_request_id if family else None,
        "attachment": ask.attachment,
        "route": route.name,
        "roles_needed": " ".join(route.roles),
        "expires_on": (moment.date() + timedelta(days=route.expires_after_days)).isoformat(),
        "revenue_12_months": facts.revenue_12_months if facts else None,
        "open_orders": facts.open_orders if facts else None,
        "promised_orders": facts.promised_orders if facts else None,
        "contract_floor": impact.contract_floor if impact else None,
        "contract_id": impact.contract_id if impact else None,
        "contract_end_date": impact.contract_end_date if impact else None,
        "breaks_contract": impact.has_floor_conflict if impact else None,
        "release_id": facts.release_id if facts else None,
    }
    kept = validated(kind, payload)
    subject = f"{ask.scheme_id}|{ask.entity_id}"
    return Entry(kind.name, subject, asker.actor, asker.role, ask.reason, kept)


def _impact(ask: Ask, old: str, facts: Facts | None, policy: ApprovalPolicy) -> Impact | None:
    """What the request would touch on the days for which it asks."""
    if facts is None:
        return None
    ranks = policy.segments.get(ask.scheme_id, {})
    return impact_of(facts, ask.to_segment, ranks, old, ask.effective_date, ask.holds_until)


def _require_open_period(
    ask: Ask, asker: Asker, moment: datetime, closed: Sequence[ClosedPeriod] | None
) -> None:
    """A day in a closed period is for finance only; where periods are unknown, so is any past day.

    A request from before the first closing counts by the periods that are closed now.
    """
    if asker.role == "finance" or ask.effective_date >= moment.date():
        return
    if closed is None:
        why = f"{ask.effective_date} is over, and no release says which periods are closed."
    else:
        within = [one for one in closed if one[0] <= ask.effective_date < one[1]]
        if not within:
            return
        why = f"{ask.effective_date} lies in the closed period from {within[0][0]}."
    raise Refused(
        "The segment cannot change that early.",
        why,
        "Ask for a later day, or let finance submit the request with its reason.",
    )


def _require_free(other: Request | None, entry: Entry, moment: datetime) -> None:
    """One request at a time for an entity; a later one starts where an approved one leads."""
    if other is None:
        return
    if other.state(moment) in OPEN:
        raise Refused(
            f"{other.entity_id} has an open request, {other.request_id}.",
            f"{other.requester} asked for {other.to_segment};"
            f" missing: {', '.join(other.roles_missing)}.",
            f"Let it be decided, or let {other.requester} withdraw it.",
        )
    if entry.payload["from_segment"] != other.to_segment:
        raise Refused(
            f"{other.entity_id} moves to {other.to_segment} on {other.effective_date}.",
            f"{other.request_id} is approved; this request starts from"
            f" {entry.payload['from_segment']}.",
            f"Submit it again from {other.to_segment}.",
        )


def _require_same(before: Request, ask: Ask, asker: Asker) -> None:
    asked = (ask.scheme_id, ask.entity_id, ask.to_segment, ask.effective_date, ask.holds_until)
    was = (
        *(before.scheme_id, before.entity_id, before.to_segment, before.effective_date),
        before.holds_until,
    )
    is_other = (*asked, ask.is_emergency) != (*was, before.is_emergency)
    if is_other or person(asker.actor) != person(before.requester):
        raise UsageError(
            f"The key {ask.key} stands for another request.",
            f"It was used for {before.request_id}: {before.entity_id} to {before.to_segment} on"
            f" {before.effective_date}.",
            "Use a key of its own for each request.",
        )


def as_request(entry: Entry, moment: datetime, key: str | None) -> Request:
    """Return the request that an entry will be, for what is kept behind it at once."""
    fields = (entry.kind, entry.subject, entry.actor, entry.role, entry.reason, dict(entry.payload))
    return request_from(Decision(0, "", moment, *fields, "", "", key))
