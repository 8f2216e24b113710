"""The contract of every feed, read from the dbt source YAML where it is written once.

Add an attribute here when the YAML gains one that the loader, a gate or the docs must read.
Nothing here judges data; that is ``checks``.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dagster_project.errors import TierlineError
from dagster_project.settings import DBT_DIR

STAGING_DIR = DBT_DIR / "models" / "staging"
LEDGER_SOURCE = "landing"
"""The source that shows the ledger itself; its tables are no feeds."""
DATA_TYPE = re.compile(r"varchar|bigint|date|timestamp|boolean|decimal\(\d+,\s*\d+\)")


@dataclass(frozen=True)
class Column:
    """One column of a feed and what its values must satisfy."""

    name: str
    data_type: str
    description: str = ""
    nullable: bool = False
    unit: str | None = None
    classification: str | None = None
    accepted: tuple[str, ...] = ()
    greater_than: Decimal | None = None
    references: str | None = None

    @property
    def is_number(self) -> bool:
        return self.data_type == "bigint" or self.data_type.startswith("decimal")


@dataclass(frozen=True)
class Feed:
    """One feed: its columns, its key and who answers for it."""

    system: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    owner: str = ""
    freshness_hours: int | None = None
    large: bool = False
    description: str = ""

    @property
    def relation(self) -> str:
        """Name of the feed's relation in the raw schema."""
        return f"{self.system}__{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


Contracts = dict[tuple[str, str], Feed]


def load_contracts(staging_dir: Path = STAGING_DIR) -> Contracts:
    """Read the contracts of all feeds, by system and feed name.

    Raises:
        TierlineError: A contract is incomplete; file, feed and column are named.
    """
    paths = sorted(staging_dir.glob("*/_*__sources.yml"))
    return _load(tuple((path, path.stat().st_mtime_ns) for path in paths)).copy()


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[Path, int], ...]) -> Contracts:
    contracts: Contracts = {}
    for path, _ in files:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
        for source in document["sources"]:
            if source["name"] == LEDGER_SOURCE:
                continue
            for table in source["tables"]:
                feed = _feed(path, source["name"], table)
                contracts[feed.system, feed.name] = feed
    return contracts


def _feed(path: Path, system: str, table: dict[str, Any]) -> Feed:
    meta = table.get("config", {}).get("meta", {})
    columns = tuple(_column(path, table["name"], column) for column in table.get("columns", []))
    key = tuple(meta.get("key", ()))
    unknown = [name for name in key if name not in {column.name for column in columns}]
    if not columns or not key or unknown:
        raise TierlineError(
            f"The contract of {system}.{table['name']} is incomplete.",
            f"{path.name}: columns={len(columns)}, key={list(key)}, unknown in key={unknown}.",
            "Give the feed columns and a key made of them.",
        )
    return Feed(
        system=system,
        name=table["name"],
        columns=columns,
        key=key,
        required=bool(meta.get("required", False)),
        owner=meta.get("owner", ""),
        freshness_hours=meta.get("freshness_hours"),
        large=bool(meta.get("large", False)),
        description=" ".join(table.get("description", "").split()),
    )


def _column(path: Path, feed: str, column: dict[str, Any]) -> Column:
    meta = column.get("config", {}).get("meta", {})
    data_type = str(column.get("data_type", "")).lower()
    if not DATA_TYPE.fullmatch(data_type):
        raise TierlineError(
            f"Column {feed}.{column['name']} has no usable data type.",
            f"{path.name}: found {data_type!r}.",
            "Use varchar, bigint, decimal(p,s), date, timestamp or boolean.",
        )
    limit = meta.get("greater_than")
    return Column(
        name=column["name"],
        data_type=data_type.replace(" ", ""),
        description=" ".join(str(column.get("description", "")).split()),
        nullable=bool(meta.get("nullable", False)),
        unit=meta.get("unit"),
        classification=meta.get("classification"),
        accepted=tuple(str(value) for value in meta.get("accepted", ())),
        greater_than=None if limit is None else Decimal(str(limit)),
        references=meta.get("references"),
    )
