"""The feeds an adapter may fill, read from the contracts."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from dagster_project.errors import UsageError
from dagster_project.settings import DBT_DIR


@dataclass(frozen=True)
class Feed:
    """What an adapter must know of one feed's contract."""

    system: str
    name: str
    is_required: bool
    key: tuple[str, ...]
    types: dict[str, str]
    """Column -> contract type, in contract order."""
    nullable: frozenset[str]

    @property
    def required_columns(self) -> list[str]:
        return [name for name in self.types if name not in self.nullable]

    @property
    def total_columns(self) -> list[str]:
        """Columns whose sums go into the manifest: quantities and amounts, not prices or rates."""
        return [name for name in self.types if name.endswith(("_qty", "amount", "total_net"))]


@lru_cache
def all_feeds() -> dict[str, Feed]:
    """Feed name -> feed. Names are unique over all systems."""
    feeds: dict[str, Feed] = {}
    for path in sorted((DBT_DIR / "models" / "staging").glob("*/_*__sources.yml")):
        feeds.update(_read(path))
    return feeds


def get_feed(name: str, asked_by: str) -> Feed:
    """Find a feed by name.

    Raises:
        UsageError: There is no contract for it; the known feeds are listed.
    """
    feeds = all_feeds()
    if name not in feeds:
        raise UsageError(
            f"{asked_by}: there is no feed {name!r}.",
            f"Known feeds: {', '.join(sorted(feeds))}.",
            "Name the SQL file after the feed it fills; start shared SQL with an underscore.",
        )
    return feeds[name]


def _read(path: Path) -> dict[str, Feed]:
    feeds = {}
    for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
        for table in source["tables"]:
            meta = table["config"]["meta"]
            columns = table["columns"]
            feeds[table["name"]] = Feed(
                system=source["name"],
                name=table["name"],
                is_required=bool(meta["required"]),
                key=tuple(meta["key"]),
                types={column["name"]: column["data_type"] for column in columns},
                nullable=frozenset(
                    column["name"]
                    for column in columns
                    if column["config"]["meta"].get("nullable", False)
                ),
            )
    return feeds
