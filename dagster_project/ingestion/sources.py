"""One file of a batch as a DuckDB relation of text columns, whatever its format.

Add a format here: a function from a file to a ``Source``. What values must satisfy is in
``checks``; what happens to the rows is in ``writer``.
"""

import codecs
import csv
import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Literal

import duckdb

from dagster_project.ingestion.checks import canonical, literal, quoted
from dagster_project.ingestion.contract import Feed
from dagster_project.ingestion.manifest import Manifest
from dagster_project.ingestion.typed_text import has_type, text_of

CHUNK = 1 << 20
LINE_PEEK = 1000
codecs.register_error("undecodable", lambda error: ("\udcff", error.end))  # type: ignore[attr-defined]


class UnreadableError(ValueError):
    """A file cannot be read as its manifest says; the text says why."""


@dataclass(frozen=True)
class Source:
    """A file ready to be read by one SQL statement.

    Attributes:
        relation: What follows ``from``; with ``rejects`` set, may be extended by options.
        columns: SQL that gives the text of each column found in the file, by column name.
        row: SQL of the row's number in the file.
        path: The UTF-8 text that is read, for looking up lines; null for binary formats.
        first_line: Number of the first line after the header.
        lines: How records are made of lines: as CSV, one each, or not at all.
        types: DuckDB types of the columns, where the format has types.
    """

    relation: str
    columns: dict[str, str]
    row: str
    path: Path | None = None
    delimiter: str = ","
    first_line: int = 1
    lines: Literal["csv", "plain"] | None = None
    types: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def typed(self, feed: Feed) -> frozenset[str]:
        """Columns that come with the type of the contract."""
        return frozenset(
            column.name
            for column in feed.columns
            if column.data_type != "varchar"
            and has_type(self.types.get(column.name, ""), column.data_type)
        )

    def select(self, feed: Feed, manifest: Manifest, batch_columns: str) -> str:
        """The statement that reads the file as raw rows.

        Raises:
            UnreadableError: A column that must have values is not in the file.
        """
        self._check_columns(feed)
        values = []
        for column in feed.columns:
            text = "cast(null as varchar)"
            if column.name in self.columns:
                text = canonical(column, f"nullif({self.columns[column.name]}, '')", manifest)
            values.append(f"{text} as {quoted(column.name)}")
        operation = self.columns.get("_op")
        values.append(f"{f'upper({operation})' if operation else 'cast(null as varchar)'} as _op")
        return (
            f"select {', '.join(values)}, {batch_columns}, cast({self.row} as bigint)"
            f" as _source_row from {self.relation}"
        )

    def _check_columns(self, feed: Feed) -> None:
        for column in feed.columns:
            if column.name in self.columns:
                continue
            if not column.nullable:
                found = ", ".join(self.columns) or "none"
                raise UnreadableError(
                    f"column {column.name}: expected {column.data_type}, not null;"
                    f" found columns {found}"
                )
            self.notes.append(f"column {column.name} is missing and was filled with null")
        extra = [n for n in self.columns if n not in feed.column_names and n != "_op"]
        if extra:
            self.notes.append("columns ignored: " + ", ".join(extra))


def open_source(
    con: duckdb.DuckDBPyConnection, path: Path, manifest: Manifest, scratch: Path, sha256: str = ""
) -> Source:
    """Open one file of a batch.

    Raises:
        UnreadableError: The file is not of the format or encoding that the manifest says.
    """
    if manifest.format == "parquet":
        return _parquet(con, path)
    if manifest.format == "xlsx":
        from dagster_project.ingestion.workbook import workbook_to_csv

        target = scratch / (path.name + ".csv")
        workbook_to_csv(path, target)
        return _csv(target, ",", row_column="__row")
    text = _as_utf8(path, manifest.encoding, scratch)
    if manifest.format == "jsonl":
        return _json_lines(text)
    return _csv(text, manifest.delimiter)


def _as_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """The file itself, or a copy in UTF-8 where bytes that cannot be decoded stay invalid."""
    if codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}:
        return with_line_feeds(path, scratch) if _has_only_returns(path) else path
    target = scratch / (path.name.removesuffix(".gz") + ".utf8")
    decoder = codecs.getincrementaldecoder(encoding)(errors="undecodable")
    with _binary(path) as source, target.open("wb") as out:
        while chunk := source.read(CHUNK):
            out.write(decoder.decode(chunk).encode("utf-8", "surrogateescape"))
        out.write(decoder.decode(b"", final=True).encode("utf-8", "surrogateescape"))
    return with_line_feeds(target, scratch) if _has_only_returns(target) else target


def _has_only_returns(path: Path) -> bool:
    """Whether lines end as on old Macintosh systems."""
    with _binary(path) as source:
        sample = source.read(1 << 16)
    return b"\r" in sample and b"\n" not in sample


def with_line_feeds(path: Path, scratch: Path) -> Path:
    """A copy whose lines all end with a line feed; the reader refuses a mixture."""
    target = scratch / (path.name.removesuffix(".gz") + ".lf")
    with _binary(path) as source, target.open("wb") as out:
        held_back = b""
        while chunk := source.read(CHUNK):
            chunk = held_back + chunk
            held_back = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk[: len(chunk) - len(held_back)]
            out.write(chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        out.write(b"\n" if held_back else b"")
    return target


def _binary(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def byte_lines(path: Path) -> Iterator[bytes]:
    """The lines of a text file, unpacked, with their line ends."""
    with _binary(path) as source:
        yield from source


def as_text(line: bytes) -> str:
    """A line of UTF-8 without byte order mark; bytes that are not UTF-8 are marked."""
    return line.removeprefix(codecs.BOM_UTF8).decode("utf-8", "backslashreplace")


def _csv(path: Path, delimiter: str, row_column: str | None = None) -> Source:
    csv.field_size_limit(1 << 27)
    reader = csv.reader(map(as_text, byte_lines(path)), delimiter=delimiter)
    try:
        header = next((record for record in reader if record), None)
    except (csv.Error, OSError, EOFError) as error:
        raise UnreadableError(f"{path.name}: expected a header, found {error}") from error
    if header is None:
        raise UnreadableError(f"{path.name}: expected a header, found an empty file")
    names = [name.strip() for name in header]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UnreadableError(f"column {twice[0]}: expected once, found twice in {path.name}")
    columns = ", ".join(f"'c{number}': 'varchar'" for number in range(len(names)))
    relation = (
        f"read_csv({literal(path)}, auto_detect=false, header=false, skip={reader.line_num},"
        f" delim={literal(delimiter)}, quote='\"', escape='\"', columns={{{columns}}})"
    )
    found = {name: f"c{number}" for number, name in enumerate(names) if name}
    row = f"row_number() over () + {reader.line_num}"
    if row_column:
        row = found.pop(row_column)
    return Source(
        relation,
        found,
        row,
        path,
        delimiter,
        reader.line_num + 1,
        lines=None if row_column else "csv",
    )


def _parquet(con: duckdb.DuckDBPyConnection, path: Path) -> Source:
    relation = f"read_parquet({literal(path)}, hive_partitioning=false)"
    try:
        described = con.execute(f"describe select * from {relation}").fetchall()
    except duckdb.Error as error:
        raise UnreadableError(f"{path.name}: expected Parquet, found {_short(error)}") from error
    columns = {name: text_of(quoted(name), kind) for name, kind, *_ in described}
    types = {name: kind for name, kind, *_ in described}
    return Source(relation, columns, "file_row_number + 1", types=types)


def _json_lines(path: Path) -> Source:
    names: dict[str, str] = {}
    for line in islice(byte_lines(path), LINE_PEEK):
        with suppress(ValueError):
            document = json.loads(as_text(line))
            names |= dict.fromkeys(document, "") if isinstance(document, dict) else {}
    structure = json.dumps(dict.fromkeys(names, "VARCHAR"))
    is_object = "case when json_valid(line) then json_type(line) = 'OBJECT' end"
    row = f"from_json(case when {is_object} then line end, {literal(structure)})"
    lines = (
        f"read_csv({literal(path)}, auto_detect=false, header=false, delim=chr(1), quote='',"
        " escape='', columns={'line': 'varchar'})"
    )
    relation = f"(select {row} as r from {lines} where trim(line) <> '')"
    columns = {name: f"r.{quoted(name)}" for name in names}
    return Source(relation, columns, "row_number() over ()", path, lines="plain")


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:300]
