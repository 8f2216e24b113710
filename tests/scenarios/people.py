"""What people decide, taken at stated moments, for scenarios in which decisions count."""

from datetime import UTC, datetime
from typing import Any

from dagster_project.governance import DecisionStore, Entry
from dagster_project.settings import Settings


class Log:
    """Decisions as scenarios take them; written to a store in the order of time."""

    def __init__(self) -> None:
        self._moment = datetime(2025, 1, 1, tzinfo=UTC)
        self._taken: list[tuple[datetime, Entry]] = []

    def at(self, moment: str) -> "Log":
        """Decide from now on at this moment in UTC, ``YYYY-MM-DD HH:MM``."""
        self._moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        return self

    def take(self, kind: str, subject: str, who: str, payload: dict[str, Any]) -> None:
        """Take a decision; ``who`` is a person and the role, such as ``anna (sales)``."""
        actor, role = who.rstrip(")").split(" (")
        entry = Entry(kind, subject, actor, role, "agreed upon", payload)
        self._taken.append((self._moment, entry))

    def write(self, settings: Settings) -> None:
        """Add the decisions to the store of a home; those of one moment in the order taken."""
        moments = iter(sorted(moment for moment, _ in self._taken))
        store = DecisionStore(settings.decisions_url, lambda: next(moments))
        for _, entry in sorted(self._taken, key=lambda pair: pair[0]):
            store.append(entry)
        self._taken.clear()

    def request(
        self, name: str, entity: str, move: str, effective: str, who: str, roles: str
    ) -> None:
        """Ask that an entity moves, ``S3 -> S2``, from a day on; ``roles`` have to approve."""
        before, after = move.split(" -> ")
        payload = {
            "request_id": name,
            "scheme_id": "service",
            "entity_id": entity,
            "from_segment": before,
            "to_segment": after,
            "effective_date": effective,
            "reason_code": "OTHER",
            "origin": "MANUAL",
            "is_emergency": False,
            "route": "UP" if after < before else "DOWN",
            "roles_needed": roles,
            "expires_on": "2025-12-31",
        }
        self.take("segment_request", f"service|{entity}", who, payload)

    def approve(self, name: str, who: str) -> None:
        payload = {"request_id": name, "act": "approve", "outcome": "COUNTED"}
        self.take("segment_request_verdict", name, who, payload)

    def merge(self, left: str, right: str, verdict: str = "same") -> None:
        payload = {"left_id": left, "right_id": right, "verdict": verdict}
        self.take("identity_verdict", f"{left}|{right}", "dora (data_steward)", payload)
