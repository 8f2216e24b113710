"""Collect the files of each batch and write its manifest when all of them are there.

A batch of a big company has one file per chunk of months; nothing is held in memory.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.ingestion.contract import Contracts, load_contracts
from dagster_project.simulator.feeds import LARGE, FeedSpec
from dagster_project.simulator.files import EXTENSIONS, sha256_of, write_file
from dagster_project.simulator.sizes import Windows

EXTRACTION_LAG = timedelta(hours=3)


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class OpenBatch:
    """One batch while its files are being written."""

    spec: FeedSpec
    number: int
    format: str
    folder: Path
    files: list[dict[str, Any]] = field(default_factory=list)
    totals: dict[str, Decimal] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(file["row_count"] for file in self.files)


class BatchWriter:
    """Writes rows of feeds into batches by window.

    Args:
        out: Root of the output; ``landing`` and ``tail`` are made below it.
        windows: How the history is cut.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, out: Path, windows: Windows) -> None:
        self._con = con
        self._out = out
        self._windows = windows
        self._contracts: Contracts = load_contracts()
        self._open: dict[tuple[str, str, int], OpenBatch] = {}

    def add(self, spec: FeedSpec, query: str) -> None:
        """Write the rows of a feed's query; a ``_window`` column tells the batch."""
        contract = self._contracts[spec.system, spec.name]
        self._con.execute(f"create or replace temp view feed_rows as {query}")
        has_window = self._con.execute("select * from feed_rows limit 0").description or []
        last = self._windows.size.base_windows - 1
        window = "_window" if any(c[0] == "_window" for c in has_window) else str(last)
        totals = "".join(f", sum({name})::varchar" for name in spec.totals)
        found = self._con.execute(
            f"select {window}, count(*){totals} from feed_rows group by 1 order by 1"
        ).fetchall()
        columns = ", ".join(f'"{name}"' for name in contract.column_names)
        order = ", ".join(f'"{name}"' for name in contract.key)
        for number, rows, *sums in found:
            body = f"select {columns} from feed_rows where {window} = {number} order by {order}"
            self._add_file(spec, int(number), body, rows, sums)

    def _add_file(
        self, spec: FeedSpec, number: int, query: str, rows: int, sums: list[str | None]
    ) -> None:
        batch = self._batch(spec, number)
        name = f"{spec.name}-{len(batch.files) + 1:03d}.{EXTENSIONS[batch.format]}"
        write_file(self._con, query, batch.folder / name, batch.format, spec.reading)
        batch.files.append(
            {"name": name, "row_count": rows, "sha256": sha256_of(batch.folder / name)}
        )
        for column, value in zip(spec.totals, sums, strict=True):
            batch.totals[column] = batch.totals.get(column, Decimal(0)) + Decimal(value or "0")

    def _batch(self, spec: FeedSpec, number: int) -> OpenBatch:
        key = (spec.system, spec.name, number)
        if key not in self._open:
            large = self._windows.size.large_format
            file_format = large if spec.format == LARGE else spec.format
            if self._windows.is_tail(number):
                day = self._windows.bounds(number)[0].strftime("%Y-%m-%d")
                root = self._out / "tail" / day
            else:
                root = self._out / "landing"
            folder = root / spec.system / spec.name / self._batch_id(spec, number)
            self._open[key] = OpenBatch(spec, number, file_format, folder)
        return self._open[key]

    def _batch_id(self, spec: FeedSpec, number: int) -> str:
        end = self._windows.bounds(number)[1].strftime("%Y%m%d")
        kind = "full" if self._is_full(spec, number) else "delta"
        return f"{spec.system}-{spec.name}-{kind}-{end}"

    def _is_full(self, spec: FeedSpec, number: int) -> bool:
        return spec.is_standing and not self._windows.is_tail(number)

    def close(self) -> list[OpenBatch]:
        """Write all manifests.

        A window without rows has no batch: the next one reaches back over it, so that the
        windows of a feed always touch.
        """
        reached: dict[tuple[str, str], datetime] = {}
        batches = [self._open[key] for key in sorted(self._open)]
        for batch in batches:
            feed = (batch.spec.system, batch.spec.name)
            _, end = self._windows.bounds(batch.number)
            is_full = self._is_full(batch.spec, batch.number)
            first = self._windows.cut_at if batch.spec.is_standing else self._windows.size.start_at
            window_from = reached.get(feed, first)
            reached[feed] = end
            manifest: dict[str, Any] = {
                "batch_id": batch.folder.name,
                "system": batch.spec.system,
                "feed": batch.spec.name,
                "source_system": f"{batch.spec.system}-prod",
                "schema_version": "1",
                "mode": "FULL" if is_full else "DELTA",
                "window_from": None if is_full else iso(window_from),
                "window_to": None if is_full else iso(end),
                "extracted_at": iso(end + EXTRACTION_LAG),
                "format": batch.format,
                "row_count": batch.rows,
                "control_totals": {name: str(total) for name, total in batch.totals.items()},
                "files": batch.files,
            } | batch.spec.reading
            write_manifest(batch.folder, manifest)
        return batches


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
