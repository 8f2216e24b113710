"""What changed in customer master data: consecutive revisions in the raw batches, compared.

Every accepted batch counts, also one that a later full extract has replaced: its rows say what the
source held at that time. The result is ``raw.profile_change``, one row per changed attribute. A
build compares only the batches that came since; a batch that belongs between older ones, or one
that was withdrawn, makes the history of its source be compared anew. Which master data are watched
is ``FEEDS``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dagster_project.governance import revisions
from dagster_project.governance.erasure import Erased
from dagster_project.governance.revisions import Batch
from dagster_project.ingestion.checks import literal
from dagster_project.ingestion.contract import Contracts, Feed
from dagster_project.settings import Settings

FEEDS = (("erp", "customer"), ("crm", "account"))
_CREATE = """
create schema if not exists history;
create table if not exists raw.profile_change (
    entity_kind varchar, entity_id varchar, attribute varchar, old_value varchar,
    new_value varchar, source_system varchar, batch_id varchar, changed_at timestamp
);
create table if not exists history.compared_batch (
    feed varchar, source_system varchar, place bigint, batch_key varchar
);
"""


def register_changes(
    con: Any, settings: Settings, contracts: Contracts, erased: Erased | None = None
) -> int:
    """Bring ``raw.profile_change`` up to date with the landed batches.

    Args:
        con: The work file, with registered raw views.
        settings: The home whose raw files are read.
        contracts: All feeds.
        erased: Persons whose naming columns are not compared, accounts of customers included.

    Returns:
        How many rows came or went.
    """
    con.execute(_CREATE)
    changed = 0
    for place in FEEDS:
        feed = contracts[place]
        sources = con.execute(
            "select distinct source_system from raw.batch where system = ? and feed = ?"
            " and status = 'accepted' order by 1",
            list(place),
        ).fetchall()
        for (source,) in sources:
            changed += _compare(con, settings, feed, source, erased or Erased())
    return changed


def in_time(rows: Sequence[tuple[str, str, str, datetime, datetime]]) -> list[Batch]:
    """Return the batches of a feed and source in the order in which they hold.

    Args:
        rows: Key, batch id, mode, known-at and extracted-at of each batch.

    A full extract stands at its known-at, so that a correction takes the place of what it
    corrects; deltas after it stand by extraction, as the newest revision is chosen in staging.
    """
    fulls = sorted(
        (known, extracted, name) for _, name, mode, known, extracted in rows if mode == "FULL"
    )
    numbers = {name: number for number, (_, _, name) in enumerate(fulls, start=1)}
    batches = [
        Batch(
            key,
            name,
            mode == "FULL",
            numbers.get(name) or sum(full_known <= known for full_known, _, _ in fulls),
            extracted,
        )
        for key, name, mode, known, extracted in rows
    ]
    return sorted(
        batches, key=lambda one: (one.full_no, not one.is_full, one.extracted_at, one.batch_id)
    )


def _compare(con: Any, settings: Settings, feed: Feed, source: str, erased: Erased) -> int:
    """Compare what is new of one feed and source; return how many rows came or went."""
    rows = con.execute(
        "select batch_key, batch_id, mode, known_at, extracted_at from raw.batch"
        " where system = ? and feed = ? and source_system = ? and status = 'accepted'"
        " and (is_active or inactive_reason = 'replaced_by_full')",
        [feed.system, feed.name, source],
    ).fetchall()
    batches = in_time(rows)
    done = con.execute(
        "select batch_key from history.compared_batch where feed = ? and source_system = ?"
        " order by place",
        [feed.relation, source],
    ).fetchall()
    con.execute(revisions.create_seen(feed))
    gone, compared = 0, len(done)
    if [one.key for one in batches[:compared]] != [key for (key,) in done]:
        gone, compared = _forget(con, feed, source), 0
    fresh = batches[compared:]
    if not fresh:
        return gone
    con.execute("begin")
    came = revisions.compare(con, settings.raw_dir, feed, source, fresh, erased)
    con.executemany(
        "insert into history.compared_batch values (?, ?, ?, ?)",
        [[feed.relation, source, compared + n, one.key] for n, one in enumerate(fresh)],
    )
    con.execute("commit")
    return gone + came


def _forget(con: Any, feed: Feed, source: str) -> int:
    """Forget what was compared of a feed and source; return how many changes went with it."""
    where = f"where source_system = {literal(source)}"
    (gone,) = con.execute(
        f"delete from raw.profile_change {where} and entity_kind = {literal(feed.name)}"
    ).fetchone()
    con.execute(f"delete from history.compared_batch {where} and feed = {literal(feed.relation)}")
    con.execute(f"delete from {revisions.seen(feed)} {where}")
    return int(gone)
