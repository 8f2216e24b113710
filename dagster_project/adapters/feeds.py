"""The feeds an adapter may fill, read from the contracts."""

from functools import lru_cache

from dagster_project.errors import UsageError
from dagster_project.ingestion.contract import Feed, load_contracts


@lru_cache
def all_feeds() -> dict[str, Feed]:
    """Feed name -> its contract. Names are unique over all systems."""
    return {feed.name: feed for feed in load_contracts().values()}


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


def must_have(feed: Feed) -> list[str]:
    """Columns without which a row of the feed is not accepted."""
    return [column.name for column in feed.columns if not column.nullable]


def totalled(feed: Feed) -> list[str]:
    """Columns whose sums go into the manifest: quantities and amounts, not prices or rates."""
    return [name for name in feed.column_names if name.endswith(("_qty", "amount", "total_net"))]


def misfit(feed: Feed, found: list[str]) -> str | None:
    """Say which columns do not fit the contract; None where all do."""
    missing = [name for name in must_have(feed) if name not in found]
    unknown = [name for name in found if name not in feed.column_names and name != "_op"]
    if not missing and not unknown:
        return None
    return f"Missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}."
