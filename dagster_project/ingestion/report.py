"""What one landing run did, per feed, for people and for programs."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from dagster_project.ingestion.ledger import LedgerRow


@dataclass
class FeedReport:
    """Batches and rows of one feed in this run."""

    system: str
    feed: str
    taken: int = 0
    duplicate: int = 0
    held: int = 0
    waiting: int = 0
    unchanged: int = 0
    landed_rows: int = 0
    accepted_rows: int = 0
    quarantined_rows: int = 0


@dataclass(frozen=True)
class Problem:
    """A batch that waits or is held, or rows of it that are in quarantine."""

    system: str
    feed: str
    batch_id: str
    status: str
    reason: str


@dataclass
class LandingReport:
    """The outcome of a landing run; ``problems`` lists all that stand now, also older ones."""

    feeds: list[FeedReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, row: LedgerRow) -> None:
        feed = self._feed(row)
        if row.status == "accepted":
            feed.taken += 1
            feed.landed_rows += row.landed_rows
            feed.accepted_rows += row.accepted_rows
            feed.quarantined_rows += row.quarantined_rows
        else:
            setattr(feed, row.status, getattr(feed, row.status) + 1)
        self.notes += [
            Problem(row.system, row.feed, row.batch_id, "note", note) for note in row.notes
        ]

    def count_unchanged(self, row: LedgerRow) -> None:
        self._feed(row).unchanged += 1

    def conclude(self, rows: Iterable[LedgerRow]) -> None:
        """Take over the problems that stand, except those of batches since superseded."""
        self.problems = [
            Problem(row.system, row.feed, row.batch_id, row.status, row.reason or "")
            for row in rows
            if row.status in {"held", "waiting"} and row.inactive_reason != "superseded"
        ]

    def _feed(self, row: LedgerRow) -> FeedReport:
        for feed in self.feeds:
            if (feed.system, feed.feed) == (row.system, row.feed):
                return feed
        self.feeds.append(FeedReport(row.system, row.feed))
        return self.feeds[-1]

    @property
    def taken(self) -> int:
        return sum(feed.taken for feed in self.feeds)

    @property
    def landed_rows(self) -> int:
        return sum(feed.landed_rows for feed in self.feeds)

    @property
    def accepted_rows(self) -> int:
        return sum(feed.accepted_rows for feed in self.feeds)

    @property
    def quarantined_rows(self) -> int:
        return sum(feed.quarantined_rows for feed in self.feeds)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data for JSON."""
        totals = {
            name: getattr(self, name)
            for name in ("taken", "landed_rows", "accepted_rows", "quarantined_rows")
        }
        return asdict(self) | totals
