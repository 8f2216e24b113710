"""Consecutive revisions of one feed, compared attribute by attribute, in one pass over new batches.

What a source said last about each record is kept in ``history.<feed>__seen``, so that a new batch
is compared with that and not with all older ones. Which batches count, and in which order, belongs
in ``profile_changes``.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dagster_project.governance.erasure import Erased, masked
from dagster_project.ingestion.checks import literal, quoted
from dagster_project.ingestion.contract import Column, Feed

RECORD = "record"
"""Attribute that stands for the whole record: 'present' where it is there, null where it is not."""


@dataclass(frozen=True)
class Batch:
    """One accepted batch. ``full_no``: how many full extracts there are up to it in time."""

    key: str
    batch_id: str
    is_full: bool
    full_no: int
    extracted_at: datetime


def seen(feed: Feed) -> str:
    """Return the table of what a source said last about each record of a feed."""
    return f"history.{quoted(f'{feed.relation}__seen')}"


def create_seen(feed: Feed) -> str:
    """Return the statement that creates it where it is missing."""
    columns = ", ".join(f"{quoted(column.name)} varchar" for column in attributes(feed))
    return (
        f"create table if not exists {seen(feed)} (source_system varchar, entity_id varchar,"
        f" is_present boolean, missing varchar[], {columns})"
    )


def attributes(feed: Feed) -> list[Column]:
    """Return the columns of a feed that can change: all but its key."""
    return [column for column in feed.columns if column.name not in feed.key]


def compare(
    con: Any, raw_dir: Path, feed: Feed, source: str, batches: list[Batch], erased: Erased
) -> int:
    """Add to ``raw.profile_change`` what batches changed; return how many rows were added.

    Args:
        con: The work file, in a transaction.
        raw_dir: Folder of the raw files.
        feed: The feed.
        source: Source system of the batches.
        batches: In their order in time; all are later than what was seen.
        erased: Persons whose naming columns are null in every revision.
    """
    names = ", ".join(quoted(column.name) for column in attributes(feed))
    where = f"where source_system = {literal(source)}"
    con.execute(
        "create or replace temp table placed (place bigint, batch_id varchar, is_full boolean,"
        " full_no bigint, extracted_at timestamp, missing varchar[])"
    )
    files, columns = _place(con, raw_dir, feed, batches)
    con.execute(f"""
        create or replace temp table appearance as
        select place, full_no, missing, is_present, entity_id, {names}
        from ({_rows(feed, files, columns, erased)})
    """)
    # A full extract may end any record; deltas concern only those that they hold.
    concerned = "" if any(one.is_full for one in batches) else _HELD
    con.execute(
        "insert into appearance select 0, 0, missing, is_present, entity_id,"
        f" {names} from {seen(feed)} {where} {concerned}"
    )
    nulls = ", ".join("null" for _ in attributes(feed))
    con.execute(_STEPS.format(names=names, nulls=nulls))
    pairs = ", ".join(
        f"{{'attribute': {literal(column.name)}, 'old_value': before.{quoted(column.name)},"
        f" 'new_value': after.{quoted(column.name)}}}"
        for column in attributes(feed)
    )
    query = _CHANGES.format(
        kind=literal(feed.name), source=literal(source), names=names, pairs=pairs, record=RECORD
    )
    (added,) = con.execute(query).fetchone()
    con.execute(
        f"delete from {seen(feed)} {where}"
        " and entity_id in (select entity_id from step where place > 0)"
    )
    con.execute(
        f"insert into {seen(feed)}"
        f" select {literal(source)}, entity_id, is_present, missing, {names} from step"
        " where place > 0"
        " qualify row_number() over (partition by entity_id order by place desc) = 1"
    )
    for table in ("placed", "appearance", "step"):
        con.execute(f"drop table {table}")
    return int(added)


def _place(
    con: Any, raw_dir: Path, feed: Feed, batches: list[Batch]
) -> tuple[list[str], list[str]]:
    """Number the batches from 1; return their files and the columns that any of them has."""
    import pyarrow.parquet as pq

    files: list[str] = []
    found: set[str] = set()
    placed = []
    for place, batch in enumerate(batches, start=1):
        folder = raw_dir / feed.system / feed.name / batch.batch_id
        parts = sorted(folder.glob("*.parquet"))
        names = set(pq.read_schema(parts[0]).names) if parts else set(feed.column_names)
        missing = [name for name in feed.column_names if name not in names]
        # Before the first of the new full extracts the last one that was seen still holds.
        full_no = sum(one.is_full for one in batches[:place])
        placed.append([place, batch.batch_id, batch.is_full, full_no, batch.extracted_at, missing])
        files += map(str, parts)
        found |= names if parts else set()
    con.executemany("insert into placed values (?, ?, ?, ?, ?, ?)", placed)
    return files, [name for name in feed.column_names if name in found]


def _rows(feed: Feed, files: list[str], columns: list[str], erased: Erased) -> str:
    """Query the rows of the new batches: typed text, one row per record and batch."""
    if not files:
        return f"select 0 as place, 0 as full_no, * from {seen(feed)} where false"
    masks = masked(feed, erased)
    values = [
        f"{_text(masks.get(column.name, quoted(column.name)), column.data_type)}"
        if column.name in columns
        else "cast(null as varchar)"
        for column in attributes(feed)
    ]
    selected = ", ".join(
        f"case when coalesce(_op, 'U') <> 'D' then {value} end as {quoted(column.name)}"
        for value, column in zip(values, attributes(feed), strict=True)
    )
    entity = " || '|' || ".join(f"coalesce(trim({quoted(name)}), '')" for name in feed.key)
    listed = ", ".join(literal(path) for path in files)
    return f"""
        select placed.place, placed.full_no, placed.missing, {entity} as entity_id,
            coalesce(_op, 'U') <> 'D' as is_present, {selected}
        from read_parquet([{listed}], union_by_name = true, hive_partitioning = false) as landed
        inner join placed on placed.batch_id = landed._batch_id
        qualify row_number() over (
            partition by placed.place, {entity} order by _source_row desc, _source_file desc
        ) = 1
    """


def _text(column: str, data_type: str) -> str:
    """The value as text in one form, so that only another value is another text."""
    text = f"nullif(trim({column}), '')"
    if data_type in ("varchar", "timestamp"):
        return text
    return f"cast(try_cast({text} as {data_type}) as varchar)"


_HELD = "and entity_id in (select entity_id from appearance)"

_STEPS = """
create or replace temp table step as
with followed as (
    select *, lead(place) over (partition by entity_id order by place) as next_place
    from appearance
),
gone as (
    -- A record that the next full extract does not hold is no longer there.
    select placed.place, placed.missing, followed.entity_id
    from followed
    inner join placed on placed.is_full and placed.full_no = followed.full_no + 1
    where followed.is_present
        and (followed.next_place is null or followed.next_place > placed.place)
)
select place, missing, is_present, entity_id, {names} from appearance
union all
select place, missing, false, entity_id, {nulls} from gone
"""

_CHANGES = """
insert into raw.profile_change
with printed as (
    select place, entity_id, hash(is_present, {names}) as fingerprint from step
),
moved as (
    select
        place,
        entity_id,
        lag(place) over by_time as before_place,
        fingerprint <> lag(fingerprint) over by_time as is_changed
    from printed
    window by_time as (partition by entity_id order by place)
),
paired as (
    select
        after.place,
        after.entity_id,
        before.is_present as was_present,
        after.is_present,
        list_concat(before.missing, after.missing) as missing,
        [{pairs}] as pairs
    from moved
    inner join step as after on after.entity_id = moved.entity_id and after.place = moved.place
    inner join step as before
        on before.entity_id = moved.entity_id and before.place = moved.before_place
    where moved.is_changed
),
valued as (
    select place, entity_id, missing, unnest(pairs, max_depth := 2)
    from paired
    where was_present and is_present
),
changed as (
    select place, entity_id, attribute, old_value, new_value
    from valued
    where old_value is distinct from new_value
        and not list_contains(missing, attribute)

    union all

    select
        place,
        entity_id,
        '{record}',
        case when was_present then 'present' end,
        case when is_present then 'present' end
    from paired
    where was_present <> is_present
)
select {kind}, entity_id, attribute, old_value, new_value, {source}, batch_id, extracted_at
from changed
inner join placed on placed.place = changed.place
order by changed.place, entity_id, attribute
"""
