"""Who a person is, and who may act for whom: delegations among the decisions."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dagster_project.governance.decisions import Decision


@dataclass(frozen=True)
class Delegation:
    """``delegator`` lets ``delegate`` approve in one role; both days are included."""

    delegator: str
    role: str
    delegate: str
    valid_from: date
    valid_to: date
    seq: int


def person(name: str) -> str:
    """Return a name as it is compared: spelling variants of one name are one person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def delegations(decisions: Iterable[Decision]) -> list[Delegation]:
    """Return the newest delegation of each delegator, role and delegate, in sequence."""
    newest: dict[tuple[str, str, str], Delegation] = {}
    for one in decisions:
        if one.kind != "delegation":
            continue
        delegate = one.payload["delegate"]
        first, last = (date.fromisoformat(one.payload[day]) for day in ("valid_from", "valid_to"))
        key = (person(one.actor), one.role, person(delegate))
        newest[key] = Delegation(one.actor, one.role, delegate, first, last, one.seq)
    return sorted(newest.values(), key=lambda one: one.seq)


def may_act_for(
    given: Iterable[Delegation], delegate: str, delegator: str, role: str, day: date
) -> bool:
    """Tell whether a delegation holds on a day; nobody can delegate to themselves."""
    who, whom = person(delegate), person(delegator)
    return who != whom and any(
        (person(one.delegate), person(one.delegator), one.role) == (who, whom, role)
        and one.valid_from <= day <= one.valid_to
        for one in given
    )
