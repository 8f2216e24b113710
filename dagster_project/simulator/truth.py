"""The truth file: what the simulator knows because it made it, never by calling product code."""

import json
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.simulator.batches import OpenBatch, iso
from dagster_project.simulator.company import SQL, Company
from dagster_project.simulator.sizes import END_AT

NOTES = "70_truth_tables"
KEEP = "71_truth_chunk"
SUM_UP = "72_truth_customers"

Record = dict[str, Any]


class TruthWriter:
    """Keeps the books about one simulation and writes them beside the extracts."""

    def __init__(self, con: duckdb.DuckDBPyConnection, company: Company, seed: int) -> None:
        self._con = con
        self._company = company
        self._seed = seed
        self.batches: list[OpenBatch] = []
        self._run(NOTES)

    def _run(self, script: str) -> None:
        self._con.execute((SQL / f"{script}.sql").read_text(encoding="utf-8"))

    def note_chunk(self) -> None:
        """Remember what is known about the chunk of months that was just made."""
        self._run(KEEP)

    def collect(self) -> Record:
        """Put the whole truth together."""
        self._run(SUM_UP)
        windows = self._company.windows
        return {
            "size": self._company.size.name,
            "seed": self._seed,
            "start_at": iso(self._company.size.start_at),
            "cut_at": iso(windows.cut_at),
            "end_at": iso(END_AT),
            "tail_days": windows.tail_days,
            "group_currency": "EUR",
            "engine": f"duckdb {duckdb.__version__}",
            "feeds": self._feeds(),
            "totals": self._totals(),
            "customers": self._records("truth_customer"),
            "duplicates": self._records("truth_duplicate"),
            "late_facts": self._scalar("select count(*) from truth_late_fact"),
            "failures": {
                row["cause"]: row["lines"] for row in self._records("truth_failure_cause")
            },
            "surveys": self._records("truth_survey"),
            "remarks": self._records("truth_remark"),
            "grudges": self._records("truth_grudge"),
            "faults": [],
        }

    def write_tables(self, out: Path) -> None:
        """Write the long tables of the truth as Parquet."""
        long = {"truth_failure": "order_id, line_no", "truth_late_fact": "1", "truth_party": "1"}
        for name, key in long.items():
            path = out / f"{name}.parquet"
            self._con.execute(f"copy (from {name} order by {key}) to '{path}' (format parquet)")

    def _feeds(self) -> dict[str, Record]:
        feeds: dict[str, Record] = {}
        for batch in self.batches:
            feed = feeds.setdefault(
                f"{batch.spec.system}.{batch.spec.name}", {"rows": 0, "batches": {}}
            )
            feed["rows"] += batch.rows
            feed["batches"][batch.folder.name] = batch.rows
        return feeds

    def _totals(self) -> Record:
        return {
            "documents": self._records("truth_document"),
            "orders": self._records("truth_order"),
            "ledger": self._records("truth_ledger"),
            "work": self._records("truth_work"),
        }

    def _records(self, relation: str) -> list[Record]:
        result = self._con.execute(f"from {relation} order by all")
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _scalar(self, query: str) -> int:
        row = self._con.execute(query).fetchone()
        return int(row[0]) if row else 0


def write_truth(out: Path, truth: Record) -> None:
    """Write ``truth.json``; decimals as text, so that not a cent is lost."""
    text = json.dumps(truth, indent=1, default=str, ensure_ascii=False) + "\n"
    (out / "truth.json").write_text(text, encoding="utf-8")
