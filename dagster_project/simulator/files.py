"""Write one data file the way its source system would: CSV, Parquet, JSON lines or a workbook.

Same rows, same bytes: everything that could carry the time of writing is pinned.
"""

import hashlib
import re
import zipfile
from pathlib import Path

import duckdb

EXTENSIONS = {"csv": "csv", "parquet": "parquet", "jsonl": "jsonl", "xlsx": "xlsx"}
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
ROW_GROUP = 122_880
LONG_AGO = (2026, 1, 1, 0, 0, 0)


def write_file(
    con: duckdb.DuckDBPyConnection, query: str, path: Path, format: str, reading: dict[str, str]
) -> None:
    """Write the rows of a query, in its order, to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if format == "parquet":
        options = f"format parquet, compression snappy, row_group_size {ROW_GROUP}"
        con.execute(f"copy ({query}) to '{path}' ({options})")
    elif format == "jsonl":
        con.execute(f"copy ({query}) to '{path}' (format json, timestampformat '{TIME_FORMAT}')")
    elif format == "xlsx":
        _write_workbook(con, query, path)
    else:
        _write_csv(con, query, path, reading)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_csv(
    con: duckdb.DuckDBPyConnection, query: str, path: Path, reading: dict[str, str]
) -> None:
    if reading.get("decimal", ".") != ".":
        query = _with_decimal_sign(con, query, reading["decimal"])
    delimiter = reading.get("delimiter", ",")
    con.execute(
        f"copy ({query}) to '{path}'"
        f" (format csv, header, delimiter '{delimiter}', timestampformat '{TIME_FORMAT}')"
    )
    if "encoding" in reading:
        path.write_bytes(path.read_bytes().decode("utf-8").encode(reading["encoding"]))


def _with_decimal_sign(con: duckdb.DuckDBPyConnection, query: str, sign: str) -> str:
    columns = con.execute(f"describe ({query})").fetchall()
    changed = [
        f"replace({name}::varchar, '.', '{sign}') as {name}"
        for name, data_type, *_ in columns
        if data_type.startswith("DECIMAL")
    ]
    return f"select * replace ({', '.join(changed)}) from ({query})" if changed else query


def _write_workbook(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    from openpyxl import Workbook

    result = con.execute(query)
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append([column[0] for column in result.description or []])
    for row in result.fetchall():
        sheet.append(list(row))
    workbook.save(path)
    _forget_time(path)


def _forget_time(path: Path) -> None:
    """Rewrite a workbook without the times of its creation."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"2026-01-01T00:00:00Z", content)
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content)
