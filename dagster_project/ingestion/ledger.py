"""The ledger of batches: one row per batch that was ever seen, in SQLite.

It is a cache of what landing and raw hold, and can be rebuilt from them. Add a column when a
reader needs one more fact about a batch; which batches count is decided in ``standing``.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path

from dagster_project.ingestion.manifest import Manifest
from dagster_project.ingestion.standing import BatchFact, Standing, standings

LISTS = ("notes", "columns")
TIMES = ("window_from", "window_to", "extracted_at", "known_at")


@dataclass(frozen=True)
class LedgerRow:
    """One batch. ``variant`` is 1 for other content that came under a batch id already taken."""

    system: str
    feed: str
    batch_id: str
    variant: int = 0
    status: str = "waiting"
    reason: str | None = None
    source_system: str | None = None
    mode: str | None = None
    window_from: datetime | None = None
    window_to: datetime | None = None
    extracted_at: datetime | None = None
    known_at: datetime | None = None
    is_active: bool = False
    inactive_reason: str | None = None
    supersedes_batch_id: str | None = None
    manifest_rows: int | None = None
    landed_rows: int = 0
    accepted_rows: int = 0
    quarantined_rows: int = 0
    duplicate_key_rows: int | None = None
    """Accepted rows that repeat a key within the batch; null where nobody counted."""
    is_in_raw: bool = False
    fingerprint: str | None = None
    signature: str = ""
    notes: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    """Contract columns in the raw files; a column added later is null for older batches."""

    @property
    def key(self) -> str:
        """Name of the batch that is unique over all feeds."""
        return f"{self.system}/{self.feed}/{self.batch_id}"

    def stating(self, manifest: Manifest) -> "LedgerRow":
        """The row with what the manifest says."""
        return replace(
            self,
            source_system=manifest.source_system,
            mode=manifest.mode,
            window_from=manifest.window_from,
            window_to=manifest.window_to,
            extracted_at=manifest.extracted_at,
            known_at=manifest.extracted_at,
            supersedes_batch_id=manifest.supersedes_batch_id,
            manifest_rows=manifest.row_count,
        )

    def fact(self) -> BatchFact | None:
        """What ``standing`` needs to know, or null where no manifest was readable."""
        if self.extracted_at is None or self.mode is None or self.variant:
            return None
        return BatchFact(
            batch_id=self.batch_id,
            source_system=self.source_system or self.system,
            mode=self.mode,
            window_from=self.window_from,
            window_to=self.window_to,
            extracted_at=self.extracted_at,
            supersedes=self.supersedes_batch_id,
            fingerprint=self.fingerprint or "",
            is_good=self.status in {"accepted", "duplicate"},
        )

    def with_standing(self, standing: Standing) -> "LedgerRow":
        status = self.status
        if status in {"accepted", "duplicate"}:
            status = "duplicate" if standing.is_duplicate else "accepted"
        return replace(
            self,
            status=status,
            is_active=standing.is_active,
            inactive_reason=standing.inactive_reason,
            known_at=standing.known_at,
        )


COLUMNS = tuple(item.name for item in fields(LedgerRow))
SCHEMA = f"""
create table if not exists batch (
    {", ".join(COLUMNS)}, primary key (system, feed, batch_id, variant)
)
"""


class Ledger:
    """The ledger of one home. Every change is one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = normal")
        self.db.execute(SCHEMA)
        known = {record[1] for record in self.db.execute("pragma table_info(batch)")}
        for name in COLUMNS:
            if name not in known:
                self.db.execute(f"alter table batch add column {name}")

    def close(self) -> None:
        self.db.close()

    def rows(self, system: str | None = None, feed: str | None = None) -> list[LedgerRow]:
        """All rows, or those of one feed, in a fixed order."""
        where, values = (
            ("", []) if system is None else ("where system = ? and feed = ?", [system, feed])
        )
        query = (
            f"select {', '.join(COLUMNS)} from batch {where}"
            " order by system, feed, batch_id, variant"
        )
        return [_from_record(record) for record in self.db.execute(query, values)]

    def record(self, row: LedgerRow) -> None:
        """Write one row; what counts in its feed is computed by ``settle``."""
        marks = ", ".join("?" * len(COLUMNS))
        self.db.execute(
            f"insert or replace into batch ({', '.join(COLUMNS)}) values ({marks})",
            _to_record(row),
        )

    def forget(self, row: LedgerRow) -> None:
        self.db.execute(
            "delete from batch where system = ? and feed = ? and batch_id = ? and variant = ?",
            [row.system, row.feed, row.batch_id, row.variant],
        )

    def settle(self, system: str, feed: str) -> list[LedgerRow]:
        """Recompute which batches of a feed count; return its rows."""
        rows = self.rows(system, feed)
        settled = settle(rows)
        with self.transaction():
            for before, after in zip(rows, settled, strict=True):
                if before != after:
                    self.record(after)
        return settled

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")


def settle(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """The rows of one feed with their standing."""
    rows = list(rows)
    found = standings(fact for row in rows if (fact := row.fact()) is not None)
    return [
        row.with_standing(found[row.batch_id]) if row.batch_id in found and not row.variant else row
        for row in rows
    ]


def to_json(row: LedgerRow) -> str:
    """The row as it is kept beside the raw files."""
    return json.dumps(asdict(row), default=lambda moment: moment.isoformat(), indent=1)


def from_json(text: str) -> LedgerRow:
    values = json.loads(text)
    known = {name: values[name] for name in COLUMNS if name in values}
    for name in TIMES:
        known[name] = datetime.fromisoformat(known[name]) if known.get(name) else None
    return LedgerRow(**known)


def _to_record(row: LedgerRow) -> list[object]:
    values = {name: getattr(row, name) for name in COLUMNS}
    for name in TIMES:
        values[name] = values[name].isoformat() if values[name] else None
    for name in LISTS:
        values[name] = json.dumps(values[name])
    return [values[name] for name in COLUMNS]


def _from_record(record: tuple[object, ...]) -> LedgerRow:
    values: dict[str, object] = dict(zip(COLUMNS, record, strict=True))
    for name in TIMES:
        values[name] = datetime.fromisoformat(str(values[name])) if values[name] else None
    for name in ("is_active", "is_in_raw"):
        values[name] = bool(values[name])
    for name in LISTS:
        values[name] = json.loads(str(values[name] or "[]"))
    return LedgerRow(**values)  # type: ignore[arg-type]
