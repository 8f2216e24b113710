"""Simulated companies for the tests, and a reader of their files that shares no code with the
loader: it follows the manifest and casts by the contract.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from dagster_project.ingestion.contract import Column, load_contracts
from dagster_project.simulator import feeds, simulate

WRITTEN = {(feed.system, feed.name) for feed in feeds.FEEDS}
CONTRACTS = {key: contract for key, contract in load_contracts().items() if key in WRITTEN}
FEEDS = [pytest.param(system, feed, id=f"{system}.{feed}") for system, feed in CONTRACTS]


@dataclass
class Company:
    """One written company: its folder, its truth and a connection with its feeds as tables."""

    folder: Path
    truth: dict[str, Any]
    con: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.execute(query).fetchall()

    def value(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def manifests(self, root: str = "*") -> Iterator[tuple[Path, dict[str, Any]]]:
        for path in sorted(self.folder.glob(f"{root}/**/manifest.json")):
            yield path.parent, json.loads(path.read_text(encoding="utf-8"))


def write_company(folder: Path, size: str = "XS", seed: int = 42, **options: Any) -> Company:
    """Simulate a company and load its files."""
    return load_company(folder, simulate(size, seed, folder, **options))


def load_company(folder: Path, truth: dict[str, Any]) -> Company:
    """Make a table of each feed: ``system__feed`` has the newest row of each key, and
    ``system__feed__all`` every row of every batch."""
    con = duckdb.connect()
    con.execute("set threads = 2")
    company = Company(folder, truth, con)
    parts: dict[tuple[str, str], list[str]] = {key: [] for key in CONTRACTS}
    for root in ("landing", "tail"):
        for batch, manifest in company.manifests(root):
            for file in manifest["files"]:
                query = _typed(batch / file["name"], manifest)
                parts[manifest["system"], manifest["feed"]].append(query)
    for (system, feed), queries in parts.items():
        name = f"{system}__{feed}"
        con.execute(f"create table {name}__all as {' union all '.join(queries)}")
        key = ", ".join(f'"{column}"' for column in CONTRACTS[system, feed].key)
        con.execute(
            f'create table "{name}" as select * from {name}__all qualify row_number()'
            f" over (partition by {key} order by _extracted_at desc, _batch_id desc) = 1"
        )
    return company


def _typed(path: Path, manifest: dict[str, Any]) -> str:
    columns = CONTRACTS[manifest["system"], manifest["feed"]].columns
    cells = ", ".join(_cell(column, manifest.get("decimal", ".")) for column in columns)
    origin = (
        f"'{manifest['batch_id']}' as _batch_id,"
        f" timestamp '{manifest['extracted_at'][:-1]}' as _extracted_at"
    )
    return f"select {cells}, {origin} from ({_raw(path, manifest)})"


def _cell(column: Column, decimal: str) -> str:
    text = f'"{column.name}"'
    if decimal != "." and column.data_type.startswith("decimal"):
        text = f"replace({text}, '{decimal}', '.')"
    return f'cast({text} as {column.data_type}) as "{column.name}"'


def _raw(path: Path, manifest: dict[str, Any]) -> str:
    if manifest["format"] == "parquet":
        return f"from read_parquet('{path}')"
    if manifest["format"] == "jsonl":
        return f"from read_json('{path}', format = 'newline_delimited')"
    if manifest["format"] == "xlsx":
        header, *rows = load_workbook(path).active.values
        values = ", ".join(str(tuple(map(str, row))) for row in rows)
        return f"select * from (values {values}) as t({', '.join(header)})"
    return (
        f"from read_csv('{path}', all_varchar = true, header = true, nullstr = '',"
        f" delim = '{manifest.get('delimiter', ',')}',"
        f" encoding = '{manifest.get('encoding', 'utf-8')}')"
    )


def header_of(path: Path, manifest: dict[str, Any]) -> list[str]:
    """Return the column names that a file really has."""
    con = duckdb.connect()
    return [row[0] for row in con.execute(f"describe ({_raw(path, manifest)})").fetchall()]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fingerprints(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def total(company: Company, table: str, column: str) -> Decimal:
    return Decimal(company.value(f'select sum("{column}") from {table}'))
