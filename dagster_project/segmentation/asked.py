"""Approved requests for a segment, from the decisions that people took.

Where each request stands is known by ``governance/requests/fold.py``; here only what follows for
the engine: from which moment it counts, until when, and what it says.
"""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from dagster_project.analytics.tables import Tables
from dagster_project.governance.decisions import Decision
from dagster_project.governance.kinds import RULE_ROLE
from dagster_project.governance.requests.fold import KINDS_READ, Request, fold
from dagster_project.segmentation.assignments import OPEN_DAY
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.told import Verdicts, Wishes

INPUTS = tuple(f"stg_decisions__{kind}" for kind in KINDS_READ)
"""Staged decisions that have to stand before."""

RESTATES = "finance"
"""Role whose requests may reach into closed periods; the desk refuses those of others."""

Row = dict[str, Any]


def read_decisions(tables: Tables) -> list[Decision]:
    """Return the decisions about requests as they were taken, from their tables."""
    found = []
    for kind in KINDS_READ:
        relation = f"staging.stg_decisions__{kind}"
        if not tables.has(relation):
            continue
        for row in tables.read(relation).to_pylist():
            payload = {name: _kept(value) for name, value in row.items() if name not in _COMMON}
            moment = row["decided_at"].replace(tzinfo=UTC)
            said = (kind, row["subject"], row["actor"], row["role"], row["reason"], payload)
            found.append(Decision(row["seq"], "", moment, *said, "", ""))
    return found


_COMMON = {"seq", "decided_at", "subject", "actor", "role", "reason"}


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def wishes_of(
    decisions: list[Decision], scheme: Scheme, entity_ids: list[str]
) -> tuple[Wishes, list[str]]:
    """Return what approved requests say, and the requests whose entity or segment is not known.

    Args:
        decisions: About requests.
        scheme: Requests of other schemes are left out.
        entity_ids: Entities in ascending order.
    """
    log, moments = fold(decisions), {one.seq: one.decided_at for one in decisions}
    place = {name: k for k, name in enumerate(entity_ids)}
    codes, rows, unknown = scheme.codes, [], []
    for request in sorted(log.requests.values(), key=lambda one: one.seq):
        if request.scheme_id != scheme.scheme_id or request.requester_role == RULE_ROLE:
            continue
        stages = [*_emergency(request, moments), *_approved(request, moments)]
        if not stages:
            continue
        if request.entity_id not in place or request.to_segment not in codes:
            unknown.append(request.request_id)
            continue
        for stage in stages:
            rows.append(
                {
                    "request_id": request.request_id,
                    "words": _words(request),
                    "approval": "+".join(role.upper() for role in request.roles_needed),
                    "approved_by": _approved_by(request),
                    "entity": place[request.entity_id],
                    "segment": codes.index(request.to_segment),
                    "effective_day": _number(request.effective_date),
                    "may_restate": request.requester_role == RESTATES,
                    **stage,
                }
            )
    return _as_arrays(rows), unknown


def verdicts_of(decisions: list[Decision], scheme: Scheme, entity_ids: list[str]) -> Verdicts:
    """Return what people decided about proposals of rules, those about unknown ones left out.

    Args:
        decisions: About requests.
        scheme: Proposals of other schemes are left out.
        entity_ids: Entities in ascending order.
    """
    log, moments = fold(decisions), {one.seq: one.decided_at for one in decisions}
    place = {name: k for k, name in enumerate(entity_ids)}
    rows: list[tuple[int, Request, bool]] = []
    for request in log.requests.values():
        known = {request.from_segment, request.to_segment} <= set(scheme.codes)
        is_open = request.ended is None and bool(request.roles_missing)
        mine = request.scheme_id == scheme.scheme_id and request.requester_role == RULE_ROLE
        if not mine or is_open or not known or request.entity_id not in place:
            continue
        seq = request.ended_seq or max(one.seq for one in request.approvals)
        rows.append((seq, request, request.ended is None))
    rows.sort(key=lambda row: row[0])

    def days(values: list[int]) -> Any:
        return np.array(values, dtype=np.int64)

    codes = scheme.codes
    return Verdicts(
        request_id=[one.request_id for _, one, _ in rows],
        decided_by=[_approved_by(one) for _, one, _ in rows],
        entity=days([place[one.entity_id] for _, one, _ in rows]),
        before=days([codes.index(one.from_segment) for _, one, _ in rows]),
        after=days([codes.index(one.to_segment) for _, one, _ in rows]),
        proposed_day=days([_number(one.effective_date) for _, one, _ in rows]),
        moment=days([_after(moments[seq]) for seq, _, _ in rows]),
        is_yes=np.array([is_yes for _, _, is_yes in rows], dtype=np.bool_),
    )


def _approved(request: Request, moments: dict[int, datetime]) -> list[Row]:
    """From when an approved request counts: after the last approval, on its first day at the
    earliest."""
    if request.ended is not None or request.roles_missing:
        return []
    last = max((one.seq for one in request.approvals), default=request.seq)
    moment = max(_after(moments[last]), _number(request.effective_date))
    until = request.holds_until
    end = OPEN_DAY if until is None else _number(until) + 1
    return [{"moment": moment, "until": end, "seq": last, "is_lasting": until is not None}]


def _emergency(request: Request, moments: dict[int, datetime]) -> list[Row]:
    """An emergency counts from its submission on, until people decide or it lapses."""
    if not request.is_emergency:
        return []
    first = max(_after(request.submitted_at), _number(request.effective_date))
    if request.ended_seq is not None:
        end = _after(moments[request.ended_seq])
    elif not request.roles_missing:
        end = _after(moments[max(one.seq for one in request.approvals)])
    else:
        end = _after(request.expires_at)
    if request.holds_until is not None:
        end = min(end, _number(request.holds_until) + 1)
    if end <= first:
        return []
    return [{"moment": first, "until": end, "seq": request.seq, "is_lasting": True}]


def _words(request: Request) -> str:
    """What may be read to anyone; the free text of the request can name people and stays there."""
    until = f" until {request.holds_until}" if request.holds_until else ""
    return f"Set to {request.to_segment}{until} by request {request.request_id}."


def _approved_by(request: Request) -> str:
    return "; ".join(f"{one.actor} ({one.role})" for one in request.approvals)


def _after(moment: datetime) -> int:
    """The end of the day of a moment: by then it is known."""
    return _number(moment.astimezone(UTC).date()) + 1


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(int))


def _as_arrays(rows: list[Row]) -> Wishes:
    def column(name: str, kind: type) -> Any:
        return np.array([row[name] for row in rows], dtype=kind)

    def texts(name: str) -> list[str]:
        return [row[name] for row in rows]

    return Wishes(
        request_id=texts("request_id"),
        words=texts("words"),
        approval=texts("approval"),
        approved_by=texts("approved_by"),
        entity=column("entity", np.int64),
        segment=column("segment", np.int64),
        moment=column("moment", np.int64),
        effective_day=column("effective_day", np.int64),
        until=column("until", np.int64),
        seq=column("seq", np.int64),
        is_lasting=column("is_lasting", np.bool_),
        may_restate=column("may_restate", np.bool_),
    )
