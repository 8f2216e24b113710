"""Pull from PostgreSQL into landing: batches of the same form as delivered files.

Each pull reads from the last seen cursor value on, including that value, and leaves out the
rows of the boundary that were delivered before. So no row with an equal cursor value is lost
and none comes twice. The new cursor travels inside the batch and becomes durable with it: a
batch and its cursor exist together or not at all.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dagster_project.errors import TierlineError, UsageError
from dagster_project.ingestion.durable import sync, write_durably
from dagster_project.ingestion.lock import landing_lock
from dagster_project.ingestion.manifest import MANIFEST_NAME
from dagster_project.settings import Settings

CURSOR_NAME = "cursor.json"
FIRST_MOMENT = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class PullSpec:
    """What to pull. Give a ``table`` or a ``query``; columns are named as in the contract.

    Attributes:
        dsn_env: Name of the environment variable that holds the connection string.
        cursor_column: A column that grows with every change; a timestamp, date or number.
        batch_rows: Rows after which a new batch begins (at the next cursor value).
        overlap: How far before the last value to look again, in seconds or units of the
            cursor, for rows of transactions that committed late.
    """

    dsn_env: str
    system: str
    feed: str
    cursor_column: str
    table: str | None = None
    query: str | None = None
    source_system: str | None = None
    batch_rows: int = 500_000
    overlap: int = 0

    @property
    def name(self) -> str:
        return self.source_system or self.system

    def relation(self) -> str:
        if (self.table is None) == (self.query is None):
            raise UsageError("A pull needs a table or a query.", "", "Give exactly one of them.")
        if self.query is not None:
            return f"({self.query.rstrip().rstrip(';')}) as pulled"
        return ".".join(_quoted(part) for part in str(self.table).split("."))


@dataclass(frozen=True)
class Cursor:
    """Where the last pull ended: its value, and digests of the rows at the boundary."""

    sequence: int = 0
    value: str | None = None
    window_to: str = FIRST_MOMENT
    seen: frozenset[str] = field(default_factory=frozenset)

    def to_json(self) -> str:
        fields = {"sequence": self.sequence, "value": self.value, "window_to": self.window_to}
        return json.dumps(fields | {"seen": sorted(self.seen)})

    @classmethod
    def from_json(cls, text: str) -> "Cursor":
        fields = json.loads(text)
        return cls(**(fields | {"seen": frozenset(fields["seen"])}))


def pull(settings: Settings, spec: PullSpec) -> list[Path]:
    """Pull what changed since the last pull; return the new batch folders, oldest first.

    Raises:
        UsageError: The environment variable is not set.
        TierlineError: The database cannot be read.
        LockedError: Another process is landing or pulling.
    """
    dsn = os.environ.get(spec.dsn_env)
    if not dsn:
        raise UsageError(
            f"The connection for {spec.system}.{spec.feed} is not known.",
            f"The environment variable {spec.dsn_env} is not set.",
            f"Set {spec.dsn_env} to a PostgreSQL connection string.",
        )
    from adbc_driver_postgresql import dbapi

    with landing_lock(settings.home / "landing.lock"):
        try:
            with dbapi.connect(dsn) as connection:
                return Pull(settings, spec).run(connection)
        except dbapi.Error as error:
            # The driver may repeat the connection string, which must not reach a log.
            reason = str(error).replace(dsn, f"${spec.dsn_env}")
            raise TierlineError(
                f"{spec.system}.{spec.feed} could not be pulled.",
                reason,
                f"Check {spec.dsn_env}, the table or query and the cursor column.",
            ) from None


class Pull:
    """One pull of one feed. The caller holds the lock."""

    def __init__(self, settings: Settings, spec: PullSpec) -> None:
        self.spec = spec
        self.folder = settings.landing_dir / spec.system / spec.feed
        self.cursor_file = settings.home / "cursors" / f"{spec.name}.{spec.system}.{spec.feed}.json"
        self.scratch = self.folder / f".pull-{spec.name}"

    def run(self, connection: Any) -> list[Path]:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        try:
            return self._run(connection)
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _run(self, connection: Any) -> list[Path]:
        cursor = self._last_cursor()
        zone: list[tuple[Any, str]] = []
        extracted_at = datetime.now(UTC).replace(tzinfo=None)
        folders = []
        with connection.cursor() as reader:
            self._refuse_null_cursor(reader)
            reader.execute(self._statement(cursor))
            for table in self._batches(reader.fetch_record_batch()):
                fresh = _unseen(table, table[self.spec.cursor_column], cursor)
                zone = self._zone(zone, table)
                after = self._after(cursor, zone, extracted_at)
                if fresh.num_rows:
                    folders.append(self._deliver(fresh, cursor, after, extracted_at))
                    cursor = after
        return folders

    def _last_cursor(self) -> Cursor:
        """The stored cursor, or a later one inside a batch whose pull died before storing it."""
        cursor = Cursor()
        if self.cursor_file.exists():
            cursor = Cursor.from_json(self.cursor_file.read_text(encoding="utf-8"))
        while (path := self._batch_folder(cursor.sequence + 1) / CURSOR_NAME).exists():
            cursor = Cursor.from_json(path.read_text(encoding="utf-8"))
        return cursor

    def _batch_folder(self, sequence: int) -> Path:
        return self.folder / f"{self.spec.name}-{self.spec.feed}-pull-{sequence:06d}"

    def _refuse_null_cursor(self, reader: Any) -> None:
        column = _quoted(self.spec.cursor_column)
        reader.execute(f"select count(*) from {self.spec.relation()} where {column} is null")
        missing = reader.fetchone()[0]
        if missing:
            raise TierlineError(
                f"{missing} rows of {self.spec.system}.{self.spec.feed} could never be pulled.",
                f"Their cursor column {self.spec.cursor_column} is null.",
                "Choose another cursor column, or give a query that fills it.",
            )

    def _statement(self, cursor: Cursor) -> str:
        column, where = _quoted(self.spec.cursor_column), ""
        if cursor.value is not None:
            where = f"where {column} >= {_literal(_earlier(cursor.value, self.spec.overlap))}"
        return f"select * from {self.spec.relation()} {where} order by {column}"

    def _batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
        """Cut the ordered stream into batches that end between two cursor values."""
        waiting: list[pa.RecordBatch] = []
        for block in reader:
            if not block.num_rows:
                continue
            waiting.append(block)
            if sum(part.num_rows for part in waiting) <= self.spec.batch_rows:
                continue
            table = pa.Table.from_batches(waiting)
            cut = self._last_change(table)
            if cut:
                yield table.slice(0, cut)
                waiting = table.slice(cut).combine_chunks().to_batches()
        if waiting:
            yield pa.Table.from_batches(waiting)

    def _last_change(self, table: pa.Table) -> int:
        """Index of the first row that has the last cursor value; 0 if all have it."""
        values = table[self.spec.cursor_column]
        return pc.index(values, values[-1]).as_py()

    def _zone(self, zone: list[tuple[Any, str]], table: pa.Table) -> list[tuple[Any, str]]:
        """Value and digest of the rows that the next pull will look at again."""
        values = table[self.spec.cursor_column]
        start = _back(values[-1].as_py(), self.spec.overlap)
        near = table.filter(pc.greater_equal(values, pa.scalar(start, values.type)))
        added = zip(near[self.spec.cursor_column].to_pylist(), _digests(near), strict=True)
        return [(value, digest) for value, digest in zone if value >= start] + list(added)

    def _after(self, cursor: Cursor, zone: list[tuple[Any, str]], now: datetime) -> Cursor:
        last = zone[-1][0]
        window_to = _moment(last) or now.isoformat() + "Z"
        seen = frozenset(digest for _, digest in zone)
        return Cursor(cursor.sequence + 1, _text(last), window_to, seen)

    def _deliver(
        self, table: pa.Table, before: Cursor, after: Cursor, extracted_at: datetime
    ) -> Path:
        """Write a batch and make it visible by renaming its folder; then store the cursor."""
        folder, final = self.scratch / "batch", self._batch_folder(after.sequence)
        folder.mkdir()
        data = folder / f"{self.spec.feed}.parquet"
        pq.write_table(_plain(table), data, compression="zstd")
        with data.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        manifest = {
            "batch_id": final.name,
            "system": self.spec.system,
            "feed": self.spec.feed,
            "source_system": self.spec.name,
            "schema_version": "1",
            "mode": "DELTA",
            "window_from": min(before.window_to, after.window_to, key=datetime.fromisoformat),
            "window_to": after.window_to,
            "extracted_at": (extracted_at + timedelta(microseconds=after.sequence)).isoformat()
            + "Z",
            "files": [{"name": data.name, "row_count": table.num_rows, "sha256": digest}],
            "row_count": table.num_rows,
            "control_totals": {},
            "format": "parquet",
        }
        (folder / CURSOR_NAME).write_text(after.to_json(), encoding="utf-8")
        (folder / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        for path in (*folder.iterdir(), folder):
            sync(path)
        folder.rename(final)
        sync(final.parent)
        write_durably(self.cursor_file, after.to_json())
        return final


def _unseen(table: pa.Table, values: pa.ChunkedArray, cursor: Cursor) -> pa.Table:
    """Leave out the rows that were delivered before; only old values can be among them."""
    if cursor.value is None:
        return table
    if pa.types.is_string(values.type):
        is_old = pc.equal(values, cursor.value)
    else:
        is_old = pc.less_equal(values, pa.scalar(_value(cursor.value), values.type))
    old = table.filter(is_old)
    kept = old.filter(pa.array([digest not in cursor.seen for digest in _digests(old)], pa.bool_()))
    return pa.concat_tables([kept, table.filter(pc.invert(is_old))])


def _digests(table: pa.Table) -> list[str]:
    """A digest of each row's values, the same for the same row in any pull."""
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return [hashlib.sha256(repr(row).encode()).hexdigest()[:16] for row in rows]


def _plain(table: pa.Table) -> pa.Table:
    """Columns of the driver's own types as the text or bytes that they are stored in."""
    columns = [
        column.cast(column.type.storage_type)
        if isinstance(column.type, pa.BaseExtensionType)
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _moment(value: Any) -> str | None:
    """A cursor value as the end of a window, if it is a time."""
    if isinstance(value, datetime):
        naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return naive.isoformat() + "Z"
    return f"{value.isoformat()}T00:00:00Z" if isinstance(value, date) else None


def _back(value: Any, overlap: int) -> Any:
    """The value by which the boundary begins."""
    if isinstance(value, datetime):
        return value - timedelta(seconds=overlap)
    if isinstance(value, date):
        return value - timedelta(days=-(-overlap // 86_400))
    return value if isinstance(value, str) else value - overlap


def _value(text: str) -> Any:
    """A stored cursor value as it was."""
    if text.lstrip("-").isdigit():
        return int(text)
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _earlier(text: str, overlap: int) -> str:
    return _text(_back(_value(text), overlap)) if overlap else text
