"""A proposal to change a definition becomes a change request with the first verdict on it.

The request is kept with what the proposal said then: evidence stays what people saw when they
decided. Checked here, inside the transaction that keeps the verdict: everybody who has to approve
does, nobody twice, a contract is not lowered past, and at most one definition is changed in a
calendar quarter. The policy itself is edited by people, who raise the version of the scheme.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.governance.decisions import Decision, Entry
from dagster_project.governance.kind import RULE_ROLE

KIND = "definition_act"
OPEN, APPROVE, REJECT = "open", "approve", "reject"
ROLES = ("segment_owner", "finance")
"""Who must approve: whoever answers for the segment, and whoever reports its figures."""
BY_THE_RULES = "rules of proposals"

Entries = list[tuple[Entry, str | None]]
Row = Mapping[str, Any]


def opening(proposal: Row) -> Entry:
    """Return the request that a proposal opens.

    Args:
        proposal: A row of ``mart_adjustment_proposal``.
    """
    saving = proposal["saving_per_quarter_group"]
    same = (
        *("request_id", "proposal_id", "proposal_type", "scheme_id", "from_version", "to_version"),
        *("segment_key", "element", "direction"),
    )
    payload = {name: proposal[name] for name in same} | {
        "act": OPEN,
        "target": f"{proposal['target']:.6f}",
        "new_target": f"{proposal['new_target']:.6f}",
        "entities_moved": proposal["entities_moved_count"],
        "saving_group": None if saving is None else f"{saving:.4f}",
        "roles_needed": " ".join(ROLES),
    }
    said = (BY_THE_RULES, RULE_ROLE, proposal["reason"])
    return Entry(KIND, proposal["request_id"], *said, payload)


def verdict(
    before: Sequence[Decision],
    moment: datetime,
    request_id: str,
    proposal: Row | None,
    act: str,
    actor: str,
    role: str,
    reason: str,
) -> Entries:
    """Return what is to be kept of a verdict, with the opening where it is the first.

    Args:
        before: Decisions of ``KIND`` in sequence.
        moment: When it is taken, in UTC.
        request_id: The request.
        proposal: The row of the current release that it is about; None where it is gone.
        act: ``APPROVE`` or ``REJECT``.
        actor, role, reason: Who says so, in which role, and why.

    Raises:
        UsageError: The verdict may not be taken; says why.
    """
    own = [one for one in before if one.payload["request_id"] == request_id]
    if not own and proposal is None:
        raise _refused(request_id, "No proposal of the current release has this name.")
    entries: Entries = []
    if not own and proposal is not None:
        entries.append((opening(proposal), None))
    needed = own[0].payload["roles_needed"].split() if own else list(ROLES)
    approved = _approvals(own)
    if any(one.payload["act"] == REJECT for one in own) or set(needed) <= set(approved):
        raise _refused(request_id, "It is decided.")
    if role not in needed:
        raise _refused(request_id, f"{role} does not decide it; {' and '.join(needed)} do.")
    if act == APPROVE:
        if role in approved or actor in approved.values():
            raise _refused(request_id, f"{actor} or {role} has approved it; it needs two people.")
        if proposal is not None and proposal["is_blocked_by_contract"]:
            raise _refused(request_id, "A contract promises as much as now.")
        if set(needed) <= {*approved, role} and (other := _approved_in(before, needed, moment)):
            raise _refused(
                request_id, f"{other} was approved in this quarter; one change is enough."
            )
    payload = {"request_id": request_id, "act": act}
    return [*entries, (Entry(KIND, request_id, actor, role, reason, payload), None)]


def _approvals(own: Sequence[Decision]) -> dict[str, str]:
    """Who approved, by role."""
    return {one.role: one.actor for one in own if one.payload["act"] == APPROVE}


def _approved_in(before: Sequence[Decision], needed: Sequence[str], moment: datetime) -> str | None:
    """The request that got its last approval in the quarter of a moment."""
    names = dict.fromkeys(one.payload["request_id"] for one in before)
    for name in names:
        own = [one for one in before if one.payload["request_id"] == name]
        last = [one.decided_at for one in own if one.payload["act"] == APPROVE]
        is_whole = set(needed) <= set(_approvals(own))
        if is_whole and _quarter(max(last)) == _quarter(moment):
            return str(name)
    return None


def _quarter(moment: datetime) -> tuple[int, int]:
    return moment.year, (moment.month - 1) // 3


def _refused(request_id: str, why: str) -> UsageError:
    return UsageError(
        f"The definition {request_id} cannot be decided like this.",
        why,
        "`tierline decide definitions` lists what is proposed.",
    )
