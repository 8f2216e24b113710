"""Change written extracts the way a real source goes wrong, and keep the correct ones as cure.

A fault touches the batches that it names and nothing else; manifests agree with the files
unless the manifest itself is the fault.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.ingestion.contract import Contracts, load_contracts
from dagster_project.simulator.batches import iso, write_manifest
from dagster_project.simulator.files import sha256_of, write_file

CORRECTION_LAG = timedelta(hours=6)
READERS = {"parquet": "read_parquet", "jsonl": "read_json_auto", "csv": "read_csv"}


@dataclass
class Batch:
    """One written batch."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def paths(self) -> list[Path]:
        return [self.folder / file["name"] for file in self.manifest["files"]]

    def shift(self, key: str, by: timedelta) -> None:
        """Move one of the manifest's moments."""
        self.manifest[key] = iso(self.moment(key) + by)

    def moment(self, key: str) -> datetime:
        return datetime.fromisoformat(self.manifest[key]).replace(tzinfo=None)

    def save(self) -> None:
        write_manifest(self.folder, self.manifest)


class Extracts:
    """The written batches of one simulation, open for faults."""

    def __init__(self, con: duckdb.DuckDBPyConnection, out: Path) -> None:
        self._con = con
        self._out = out
        self._contracts: Contracts = load_contracts()

    def batches(self, system: str, feed: str) -> list[Batch]:
        """Return the batches of a feed in the landing folder, oldest first."""
        found = [
            Batch(path.parent, json.loads(path.read_text(encoding="utf-8")))
            for path in (self._out / "landing" / system / feed).glob("*/manifest.json")
        ]
        return sorted(found, key=lambda batch: batch.manifest["extracted_at"])

    def middle(self, system: str, feed: str) -> Batch:
        """Return a batch that has neighbours on both sides."""
        batches = self.batches(system, feed)
        return batches[len(batches) // 2]

    def newest(self, system: str, feed: str) -> Batch:
        return self.batches(system, feed)[-1]

    def rows(self, *batches: Batch) -> str:
        """Return a query for all rows of batches of one feed; text files give text."""
        parts = []
        for batch in batches:
            options = ", all_varchar = true, header = true" if _is_csv(batch) else ""
            names = ", ".join(f"'{path}'" for path in batch.paths)
            parts.append(f"from {READERS[batch.manifest['format']]}([{names}]{options})")
        return " union all by name ".join(f"({part})" for part in parts)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        return self._con.execute(query).fetchall()

    def materialised(self, query: str) -> str:
        """Return a query for the rows that a query has now, whatever becomes of its files."""
        self._con.execute(f"create or replace temp table kept_rows as {query}")
        return "from kept_rows"

    def literal_row(self, batch: Batch, values: dict[str, object]) -> str:
        """Return a query for one row of a feed; columns that are not named are null."""
        contract = self._contracts[batch.manifest["system"], batch.manifest["feed"]]
        cells = []
        for column in contract.columns:
            value = values.get(column.name)
            text = "null" if value is None else "'" + str(value).replace("'", "''") + "'"
            data_type = "varchar" if batch.manifest["format"] == "csv" else column.data_type
            cells.append(f'cast({text} as {data_type}) as "{column.name}"')
        return f"select {', '.join(cells)}"

    def append(self, batch: Batch, query: str) -> None:
        """Add rows to a batch as one more file."""
        name = f"{batch.manifest['feed']}-{len(batch.paths) + 1:03d}{batch.paths[0].suffix}"
        write_file(self._con, query, batch.folder / name, batch.manifest["format"], {})
        batch.manifest["files"].append({"name": name, "row_count": 0, "sha256": ""})
        self.restate(batch)

    def keep(self, batch: Batch, condition: str) -> None:
        """Keep only those rows of a batch."""
        for path in batch.paths:
            one = Batch(batch.folder, {**batch.manifest, "files": [{"name": path.name}]})
            changed = path.with_name("." + path.name)
            query = f"select * from ({self.rows(one)}) where {condition}"
            write_file(self._con, query, changed, batch.manifest["format"], {})
            changed.replace(path)
        self.restate(batch)

    def restate(self, batch: Batch) -> None:
        """Make the manifest say what the files now contain."""
        for file, path in zip(batch.manifest["files"], batch.paths, strict=True):
            one = Batch(batch.folder, {**batch.manifest, "files": [file]})
            file["row_count"] = self.fetch(f"select count(*) from ({self.rows(one)})")[0][0]
            file["sha256"] = sha256_of(path)
        batch.manifest["row_count"] = sum(file["row_count"] for file in batch.manifest["files"])
        for column in batch.manifest["control_totals"]:
            total = f"select sum({column}::decimal(38, 4)) from ({self.rows(batch)})"
            batch.manifest["control_totals"][column] = str(self.fetch(total)[0][0] or Decimal(0))
        batch.save()

    def keep_cure(self, batch: Batch, is_superseding: bool = True) -> str:
        """Copy a batch, still correct, to the cures; return the id it has there.

        A second fault in the same batch has the same cure: the one kept before the first.
        """
        manifest = json.loads(json.dumps(batch.manifest))
        if is_superseding:
            manifest["supersedes_batch_id"] = batch.manifest["batch_id"]
            manifest["batch_id"] += "-corrected"
        cured = Batch(
            self._out / "cure" / manifest["system"] / manifest["feed"] / manifest["batch_id"],
            manifest,
        )
        if cured.folder.exists():
            return str(manifest["batch_id"])
        shutil.copytree(batch.folder, cured.folder)
        if is_superseding:
            cured.shift("extracted_at", CORRECTION_LAG)
        cured.save()
        return str(manifest["batch_id"])


def _is_csv(batch: Batch) -> bool:
    return str(batch.manifest["format"]) == "csv"
