"""Ready feed files become a batch: count the rows, total the amounts, sign the files, copy.

For companies that fill the feeds by their own means. Nothing is converted: the files stay byte
for byte what they were, and the manifest says how to read them.
"""

import csv
import gzip
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from dagster_project.adapters.batches import WrittenBatch, write_batch
from dagster_project.adapters.feeds import Feed, get_feed, misfit, must_have, totalled
from dagster_project.errors import UsageError

_FORMS = {".csv": "csv", ".txt": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".xlsx": "xlsx"}


@dataclass(frozen=True)
class Dialect:
    """How the files are written; whatever differs from the default goes into the manifest."""

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    date_format: str | None = None
    timestamp_format: str | None = None
    null_text: str | None = None

    def manifest_fields(self, form: str) -> dict[str, str | None]:
        is_csv = form == "csv"
        return {
            "encoding": self.encoding if is_csv else None,
            "delimiter": self.delimiter if is_csv else None,
            "decimal": self.decimal if self.decimal != "." else None,
            "thousands": self.thousands or None,
            "date_format": self.date_format,
            "timestamp_format": self.timestamp_format,
            "null_text": self.null_text,
        }


def pack(
    system: str,
    feed: str,
    files: list[Path],
    out_dir: Path,
    *,
    extracted_at: str,
    mode: str = "FULL",
    window_from: str | None = None,
    window_to: str | None = None,
    batch_id: str | None = None,
    supersedes_batch_id: str | None = None,
    source_system: str | None = None,
    encoding: str = "utf-8",
    delimiter: str = ",",
    decimal: str = ".",
    thousands: str = "",
    date_format: str | None = None,
    timestamp_format: str | None = None,
    null_text: str | None = None,
) -> WrittenBatch:
    """Wrap ready files of one feed into ``<out>/<system>/<feed>/<batch_id>/``.

    Args:
        extracted_at: When the extract was taken, ISO 8601. The clock is never asked.
        mode: FULL replaces what was delivered before; DELTA adds to it and needs its window.

    Raises:
        UsageError: The feed is unknown, a column of its contract is missing, or a file is
            missing, empty or unreadable.
    """
    dialect = Dialect(
        encoding, delimiter, decimal, thousands, date_format, timestamp_format, null_text
    )
    contract = get_feed(feed, "pack")
    _check_call(contract, system, mode, window_from, window_to)
    form = _form(files)
    totals: dict[str, Decimal] = {}
    counts = {path: _count(contract, path, form, dialect, totals) for path in files}
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir, prefix=".pack-") as scratch:
        return write_batch(
            contract,
            {Path(shutil.copy(path, scratch)): rows for path, rows in counts.items()},
            out_dir,
            control_totals={name: str(value) for name, value in totals.items()},
            extracted_at=extracted_at,
            batch_prefix=f"{source_system or system}-{feed}",
            batch_id=batch_id,
            source_system=source_system or system,
            mode=mode,
            window_from=window_from,
            window_to=window_to,
            supersedes_batch_id=supersedes_batch_id,
            format=form,
            **dialect.manifest_fields(form),
        )


def _check_call(
    contract: Feed, system: str, mode: str, window_from: str | None, window_to: str | None
) -> None:
    if contract.system != system:
        raise UsageError(
            f"The feed {contract.name} does not belong to {system}.",
            f"Its contract is in {contract.system}.",
            f"Use system {contract.system}.",
        )
    if mode not in {"FULL", "DELTA"}:
        raise UsageError(f"There is no mode {mode!r}.", "", "Use FULL or DELTA.")
    if mode == "DELTA" and not (window_from and window_to):
        raise UsageError(
            "A DELTA batch needs its window.",
            "Without it a gap between two deliveries could not be seen.",
            "Give where the window begins and ends, or use mode FULL.",
        )


def _form(files: list[Path]) -> str:
    found = set()
    for path in files:
        if not path.is_file():
            raise UsageError(f"There is no file {path}.", "", "Check the path.")
        suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
        found.add(_FORMS.get(suffix, suffix))
    if len(found) != 1 or not found <= set(_FORMS.values()):
        raise UsageError(
            "The files of one batch must have one format: csv, csv.gz, parquet, jsonl or xlsx.",
            f"Found: {', '.join(sorted(found)) or 'no file'}.",
            "Pack one batch per format.",
        )
    return found.pop()


def _count(
    contract: Feed, path: Path, form: str, dialect: Dialect, totals: dict[str, Decimal]
) -> int:
    """Count the rows of a file and add its amounts to ``totals``."""
    try:
        rows = _read(path, form, dialect)
        columns = next(rows, [])
        _check_columns(contract, path, columns)
        sums = [(i, name) for i, name in enumerate(columns) if name in totalled(contract)]
        count = 0
        for row in rows:
            count += 1
            for i, name in sums:
                value = _number(row[i] if i < len(row) else None, dialect)
                totals[name] = totals.get(name, Decimal(0)) + value
    except (UnicodeError, csv.Error, OSError) as error:
        raise UsageError(
            f"{path.name} cannot be read as {form}.",
            str(error),
            "State its encoding and delimiter.",
        ) from error
    if count == 0:
        raise UsageError(f"{path.name} is empty.", "It has no rows.", "Export it again.")
    return count


def _check_columns(contract: Feed, path: Path, columns: list[str]) -> None:
    problem = misfit(contract, columns)
    if problem:
        raise UsageError(
            f"{path.name} does not fit the contract of {contract.system}.{contract.name}.",
            problem,
            f"Expected {', '.join(contract.column_names)}; only {', '.join(must_have(contract))}"
            " must be there.",
        )


def _number(text: str | None, dialect: Dialect) -> Decimal:
    """Read an amount; what is no number counts as zero here and is quarantined on landing."""
    if text is None or text.strip() in {"", dialect.null_text}:
        return Decimal(0)
    if dialect.thousands:
        text = text.replace(dialect.thousands, "")
    try:
        return Decimal(text.strip().replace(dialect.decimal, "."))
    except InvalidOperation:
        return Decimal(0)


def _read(path: Path, form: str, dialect: Dialect) -> Iterator[list[str]]:
    """Yield the header, then each row as text."""
    if form == "csv":
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding=dialect.encoding, newline="") as file:
            yield from csv.reader(file, delimiter=dialect.delimiter)
    elif form == "xlsx":
        from openpyxl import load_workbook

        book = load_workbook(path, read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield ["" if cell is None else str(cell) for cell in row]
    else:
        import duckdb

        reader = "read_parquet" if form == "parquet" else "read_json"
        cursor = duckdb.connect().execute(f"from {reader}(?)", [str(path)])
        yield [column[0] for column in cursor.description or []]
        while rows := cursor.fetchmany(10_000):
            yield from (["" if cell is None else str(cell) for cell in row] for row in rows)
