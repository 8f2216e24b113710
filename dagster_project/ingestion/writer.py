"""One batch from its files into raw Parquet and quarantine, in a scratch folder.

The file is read once. Only when a row is found that breaks the contract is the written
Parquet split into accepted rows and quarantine. Nothing is visible until the caller renames.
"""

import errno
import uuid
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import duckdb

from dagster_project.ingestion.checks import any_broken, literal, quoted
from dagster_project.ingestion.contract import Feed
from dagster_project.ingestion.manifest import Manifest, ManifestFile
from dagster_project.ingestion.quarantine import Rejects, read_rejects, split_part
from dagster_project.ingestion.sources import (
    Source,
    UnreadableError,
    open_source,
    with_line_feeds,
)

PARQUET = "(format parquet, compression zstd, compression_level 1)"
TOTAL_TYPE = "decimal(38, 10)"


class HeldError(ValueError):
    """The batch as a whole does not hold; the text says what was expected and found."""


@dataclass
class WrittenBatch:
    """What was written: files in the scratch folder and counts."""

    landed_rows: int = 0
    accepted_rows: int = 0
    quarantined_rows: int = 0
    duplicate_key_rows: int = 0
    quarantine_parts: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def connect(memory_limit: str, threads: int, scratch: Path) -> duckdb.DuckDBPyConnection:
    """A connection that stays within its memory and reads times as UTC."""
    con = duckdb.connect()
    con.execute(f"set memory_limit = {literal(memory_limit)}")
    con.execute(f"set threads = {threads}")
    con.execute(f"set temp_directory = {literal(scratch / 'spill')}")
    con.execute("set timezone = 'UTC'")
    con.execute("set preserve_insertion_order = true")
    con.execute("set autoinstall_known_extensions = false")
    return con


def write_batch(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    manifest: Manifest,
    source_dir: Path,
    target: Path,
    scratch: Path,
) -> WrittenBatch:
    """Write the files of a batch as ``part-*.parquet`` into ``target``.

    Raises:
        HeldError: Row counts, control totals or columns are not as the manifest says.
    """
    unknown = [name for name in manifest.control_totals if name not in feed.column_names]
    if unknown:
        raise HeldError(f"control_totals: expected columns of the feed, found {', '.join(unknown)}")
    writer = _Writer(con, feed, manifest, scratch)
    for number, file in enumerate(manifest.files):
        writer.write(file, source_dir / file.name, target / f"part-{number:04d}.parquet")
    if not manifest.files:
        _write_empty(con, feed, target / "part-0000.parquet")
    writer.compare_totals()
    writer.count_duplicate_keys(sorted(target.glob("part-*.parquet")))
    return writer.written


class _Writer:
    """Writes the files of one batch and keeps count."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, feed: Feed, manifest: Manifest, scratch: Path
    ) -> None:
        self.con, self.feed, self.manifest, self.scratch = con, feed, manifest, scratch
        self.written = WrittenBatch()
        self.totals = dict.fromkeys(manifest.control_totals, Decimal(0))
        self.unread = dict.fromkeys(manifest.control_totals, 0)

    def write(self, file: ManifestFile, path: Path, part: Path) -> None:
        if file.row_count == 0 and path.stat().st_size == 0:
            _write_empty(self.con, self.feed, part)
            return
        try:
            source = open_source(self.con, path, self.manifest, self.scratch)
            query = source.select(self.feed, self.manifest, _batch_columns(self.manifest, file))
            source, rejects = _read(self.con, source, query, part, self.scratch)
        except UnreadableError as error:
            raise HeldError(str(error)) from error
        rows, broken = self._inspect(any_broken(self.feed, source.typed(self.feed)), part)
        for name in self.unread:
            self.unread[name] += rejects.rows
        landed = rows + rejects.rows
        empty = max(landed - file.row_count, 0)
        if empty and _drop_empty(self.con, self.feed, part, empty):
            self._note([f"{empty} rows without any value were left out of {file.name}"])
            landed, broken = landed - empty, broken - empty
        if landed != file.row_count:
            raise HeldError(f"row_count of {file.name}: expected {file.row_count}, found {landed}")
        bad = broken + rejects.rows
        if bad:
            quarantine = self.scratch / f"quarantine-{part.name}"
            split_part(self.con, self.feed, source, rejects, part, quarantine, file.name, PARQUET)
            self.written.quarantine_parts.append(quarantine)
        self.written.landed_rows += landed
        self.written.quarantined_rows += bad
        self.written.accepted_rows += landed - bad
        self._note(source.notes)

    def _note(self, notes: list[str]) -> None:
        self.written.notes += [note for note in notes if note not in self.written.notes]

    def _inspect(self, is_broken: str, part: Path) -> tuple[int, int]:
        """Count rows and broken rows, and add up the control columns."""
        sums = ""
        for name in self.totals:
            number = f"try_cast({quoted(name)} as {TOTAL_TYPE})"
            missing = f"{quoted(name)} is not null and {number} is null"
            sums += f", coalesce(sum({number}), 0), count(*) filter (where {missing})"
        rows, broken, *found = self.con.execute(
            f"select count(*), count(*) filter (where {is_broken}){sums}"
            f" from read_parquet({literal(part)})"
        ).fetchall()[0]
        for name, total, missing in zip(self.totals, found[::2], found[1::2], strict=True):
            self.totals[name] += total
            self.unread[name] += missing
        return rows, broken

    def count_duplicate_keys(self, parts: list[Path]) -> None:
        """Count accepted rows that repeat the key and the operation of a row before them."""
        if self.written.accepted_rows < 2:
            return
        names = ", ".join(quoted(name) for name in (*self.feed.key, "_op"))
        source = f"read_parquet([{', '.join(literal(part) for part in parts)}])"
        # Eight bytes a row tell that no key repeats, which is nearly always all there is to know.
        hashed = f"select distinct hash({names}) from {source}"
        found = self.con.execute(f"select count(*) from ({hashed})").fetchall()[0][0]
        if found < self.written.accepted_rows:
            distinct = f"select distinct {names} from {source}"
            found = self.con.execute(f"select count(*) from ({distinct})").fetchall()[0][0]
        self.written.duplicate_key_rows = self.written.accepted_rows - found

    def compare_totals(self) -> None:
        """Hold the batch where a control total differs and every value could be read."""
        for name, expected in self.manifest.control_totals.items():
            if self.unread[name]:
                self._note(
                    [
                        f"control total of {name} could not be compared:"
                        f" {self.unread[name]} rows in quarantine have no readable value"
                    ]
                )
            elif self.totals[name] != expected:
                found = f"{self.totals[name].normalize():f}"
                raise HeldError(f"control total of {name}: expected {expected}, found {found}")


def _batch_columns(manifest: Manifest, file: ManifestFile) -> str:
    moment = manifest.extracted_at.isoformat(sep=" ")
    return (
        f"{literal(manifest.source_system)} as _source_system,"
        f" {literal(manifest.batch_id)} as _batch_id,"
        f" timestamp {literal(moment)} as _extracted_at,"
        f" {literal(file.name)} as _source_file"
    )


def raw_columns(feed: Feed) -> dict[str, str]:
    """Columns of a raw file with their types, in order."""
    return dict.fromkeys(feed.column_names, "varchar") | {
        "_op": "varchar",
        "_source_system": "varchar",
        "_batch_id": "varchar",
        "_extracted_at": "timestamp",
        "_source_file": "varchar",
        "_source_row": "bigint",
    }


def empty_relation(feed: Feed, extra: dict[str, str] | None = None) -> str:
    """A query with the columns of the feed and no rows."""
    columns = raw_columns(feed) | (extra or {})
    nulls = ", ".join(f"cast(null as {kind}) as {quoted(name)}" for name, kind in columns.items())
    return f"select {nulls} where false"


def _write_empty(con: duckdb.DuckDBPyConnection, feed: Feed, part: Path) -> None:
    con.execute(f"copy ({empty_relation(feed)}) to {literal(part)} {PARQUET}")


def _read(
    con: duckdb.DuckDBPyConnection, source: Source, query: str, part: Path, scratch: Path
) -> tuple[Source, Rejects]:
    """Read the file once; only what the reader cannot split into columns costs more passes."""
    error = _copy(con, query, part)
    if error is None:
        return source, Rejects()
    if source.lines is None or source.path is None:
        raise UnreadableError(f"{part.name}: cannot be read, {error}")
    query = query.replace("columns={", "store_rejects=true, columns={", 1)
    error = _copy(con, query, part)
    if error and "invalid state" in error:
        mended = with_line_feeds(source.path, scratch)
        query = query.replace(literal(source.path), literal(mended))
        source = replace(source, path=mended)
        error = _copy(con, query, part)
    if error:
        raise UnreadableError(f"{part.name}: cannot be read, {error}")
    return source, read_rejects(con, source)


def _copy(con: duckdb.DuckDBPyConnection, query: str, part: Path) -> str | None:
    """Write the rows of a query; return why it failed, if the reason is the data.

    Each attempt writes a file of its own: DuckDB may remove what a failed one left a moment later,
    by then perhaps in the place of the next.
    """
    attempt = part.with_name(f"{part.stem}-{uuid.uuid4().hex[:8]}{part.suffix}")
    try:
        con.execute(f"copy ({query}) to {literal(attempt)} {PARQUET}")
        attempt.rename(part)
    except duckdb.Error as error:
        attempt.unlink(missing_ok=True)
        text = str(error)
        if "No space left" in text:
            raise OSError(errno.ENOSPC, text) from error
        con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        return text.splitlines()[0][:300]
    return None


def _drop_empty(con: duckdb.DuckDBPyConnection, feed: Feed, part: Path, expected: int) -> bool:
    """Drop rows without any value, which spreadsheets append, if they are as many as expected."""
    if all(column.nullable for column in feed.columns):
        return False
    is_empty = f"coalesce({', '.join(quoted(name) for name in feed.column_names)}) is null"
    read = f"read_parquet({literal(part)})"
    found = con.execute(f"select count(*) from {read} where {is_empty}").fetchall()[0][0]
    if found != expected:
        return False
    kept = part.with_suffix(".kept")
    con.execute(f"copy (select * from {read} where not ({is_empty})) to {literal(kept)} {PARQUET}")
    kept.replace(part)
    return True
