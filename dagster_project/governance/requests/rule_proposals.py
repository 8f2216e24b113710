"""Moves that rules propose and people approve: who has to, and the request that a verdict opens.

A proposal lies in the release (``mart_reclass_proposal``) until somebody decides it. The first
verdict turns it into a request of origin RULE, so that roles, delegates, one person per role and
the log are those of every other request. The rule is the requester; it answers for nobody, so that
whoever decides is a second pair of eyes. While nobody decides, the rule renews the proposal at its
next evaluation, or it lapses there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.governance.decisions import Entry
from dagster_project.governance.kinds import KINDS, RULE_ROLE, validated
from dagster_project.governance.requests.submission import new_id

ORIGIN = "RULE"
ROLES: Mapping[str, tuple[str, ...]] = {
    "OWNER": ("segment_owner",),
    "OWNER+SALES": ("segment_owner", "sales"),
    "COMMITTEE": ("committee",),
}
"""Roles that have to approve, by the route that a rule names."""

_LIFE = timedelta(days=3650)
"""A request of a rule does not expire: its proposal is renewed or lapses by itself."""


@dataclass(frozen=True)
class Waiting:
    """A proposal that waits. ``waiting_since`` is the first day of its unbroken renewals."""

    proposal_id: str
    scheme_id: str
    entity_id: str
    rule_id: str
    from_segment: str
    to_segment: str
    approval: str
    waiting_since: date
    evaluation_date: date
    reason: str

    @property
    def request_id(self) -> str:
        """The request that a verdict opens; the same for all renewals of the proposal."""
        return request_id(self.scheme_id, self.entity_id, self.to_segment, self.waiting_since)

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that have to approve."""
        return ROLES[self.approval]

    def opening(self, release_id: str | None) -> Entry:
        """Return the request as it is kept with the first verdict."""
        payload = {
            "request_id": self.request_id,
            "scheme_id": self.scheme_id,
            "entity_id": self.entity_id,
            "from_segment": self.from_segment,
            "to_segment": self.to_segment,
            "effective_date": self.waiting_since,
            "reason_code": self.rule_id,
            "origin": ORIGIN,
            "is_emergency": False,
            "route": self.approval,
            "roles_needed": " ".join(self.roles),
            "expires_on": self.waiting_since + _LIFE,
            "release_id": release_id,
        }
        kind, subject = KINDS["segment_request"], f"{self.scheme_id}|{self.entity_id}"
        said = (f"rule {self.rule_id}", RULE_ROLE, self.reason)
        return Entry(kind.name, subject, *said, validated(kind, payload))


def request_id(scheme_id: str, entity_id: str, to_segment: str, since: date) -> str:
    """Return the id of the request about a move that waits since a day."""
    return new_id(f"proposal|{scheme_id}|{entity_id}|{to_segment}|{since.isoformat()}")


_COLUMNS = (
    "proposal_id, scheme_id, entity_id, coalesce(rule_id, cause), from_segment_code,"
    " to_segment_code, approval, waiting_since_date, evaluation_date, reason"
)


def waiting_in(con: Any) -> list[Waiting]:
    """Return the proposals of a release that wait for people, the oldest first.

    Args:
        con: DuckDB connection whose default schema holds the marts; null without a release.
    """
    if con is None or not _has_states(con):
        return []
    rows = con.execute(
        f"select {_COLUMNS} from mart_reclass_proposal where approval_state = 'WAITING'"
        " order by waiting_since_date, entity_id, proposal_id"
    ).fetchall()
    return [Waiting(*row) for row in rows]


def proposal_named(con: Any, name: str) -> Waiting | None:
    """Return the waiting proposal of an id, or of the request about it; null where none is meant.

    Raises:
        UsageError: The proposal is there, but no longer waits; says what became of it.
    """
    found = [one for one in waiting_in(con) if name in (one.proposal_id, one.request_id)]
    if found or con is None or not _has_states(con):
        return found[0] if found else None
    row = con.execute(
        "select entity_id, approval_state from mart_reclass_proposal where proposal_id = ?", [name]
    ).fetchone()
    if row is None:
        return None
    raise UsageError(
        f"The proposal {name} about {row[0]} cannot be decided.",
        f"It does not wait for anybody: {row[1]}.",
        "See `tierline decide proposals` for those that wait.",
    )


def _has_states(con: Any) -> bool:
    """Tell whether the release says which proposals wait; older ones do not."""
    found: Sequence[Any] | None = con.execute(
        "select 1 from information_schema.columns where table_name = 'mart_reclass_proposal'"
        " and column_name = 'approval_state'"
    ).fetchone()
    return found is not None
