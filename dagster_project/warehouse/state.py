"""What the work warehouse remembers of the last build, in its schema ``state``.

``state.build_state`` says what the incremental models may rely on; ``state.built_batch`` which
batches they have seen; ``state.built__*`` keeps the small inputs as the last build saw them, so
that a change in a daily full extract touches only the rows it changed. ``state.updated_month``
names the months in which an update changed rows of a large mart. ``state.build`` describes the
tables that stand in the file now and is empty while they are being changed.
"""

import json
from dataclasses import astuple, dataclass
from typing import Any

from dagster_project.ingestion.contract import Feed

_CREATE = """
create schema if not exists state;
create table if not exists state.built_batch (batch_key varchar);
create table if not exists state.build_state (
    as_of date, group_currency varchar, code_fingerprint varchar, is_complete boolean,
    decisions_seq bigint
);
alter table state.build_state add column if not exists updates bigint default 0;
create table if not exists state.build (
    build_id varchar, as_of date, group_currency varchar, policy_version varchar,
    code_fingerprint varchar, is_full boolean
);
create table if not exists state.updated_month (table_name varchar, month varchar);
"""

UPDATES_UNTIL_TIDY = 10
"""Deleted rows keep their place until row groups are put together. DuckDB does that at every
checkpoint, which rewrites most of a large table for the few rows of a day; every so many updates
is enough to keep the file small."""

_OUTCOMES = {
    "segment_assignment": "int_segment__assignment",
    "customer_entity": "int_customer__segmentation_entity",
    "landed_average": "int_profit__landed_average",
    "landed_mark": "int_profit__landed_mark",
    "stock_mark": "int_service__stock_mark",
    "profit_coverage": "int_profit__coverage",
    "fiscal_period": "int_calendar__fiscal_period",
}
"""Models of which the outcome is compared with the last build's, by the name of the copy."""


@dataclass(frozen=True)
class BuildState:
    """The last build: its logical date, currency and code, and whether it came to its end.

    ``decisions_seq``: the newest decision that it saw, 0 where nothing was decided.
    ``updates``: builds since the work file was last tidied.
    """

    as_of: str
    group_currency: str
    code_fingerprint: str
    is_complete: bool
    decisions_seq: int
    updates: int = 0

    @property
    def is_tidying_due(self) -> bool:
        """Shall the next update put row groups together that lost many rows?"""
        return self.updates + 1 >= UPDATES_UNTIL_TIDY


def create(con: Any) -> None:
    """Create the schema ``state`` where it is missing."""
    con.execute(_CREATE)


def read(con: Any) -> BuildState | None:
    """Return the last build's state, or None in a new work file."""
    row = con.execute(
        "select cast(as_of as varchar), group_currency, code_fingerprint, is_complete,"
        " decisions_seq, updates from state.build_state"
    ).fetchone()
    return BuildState(*row) if row else None


def built_batches(con: Any) -> set[str]:
    """Return the keys (`system/feed/batch_id`) of the batches that the last build saw as active."""
    return {row[0] for row in con.execute("select batch_key from state.built_batch").fetchall()}


def mark_started(con: Any) -> None:
    """Declare the tables in flux: a build that is killed from here on is rebuilt in full."""
    con.execute("begin")
    con.execute("delete from state.build")
    con.execute("delete from state.updated_month")
    con.execute("update state.build_state set is_complete = false")
    con.execute("commit")


def mark_finished(con: Any, state: BuildState, build: dict[str, Any], compared: list[Feed]) -> None:
    """Declare the tables complete and remember what they were made from.

    Args:
        con: The work file.
        state: What the next build is to know.
        build: What stands in the file now.
        compared: Feeds whose rows the next build compares with those of this one.
    """
    con.execute("begin")
    con.execute("delete from state.build_state")
    con.execute(
        "insert into state.build_state values (?, ?, ?, ?, ?, ?)",
        list(astuple(state)),
    )
    con.execute("delete from state.built_batch")
    con.execute("insert into state.built_batch select batch_key from raw.batch where is_active")
    for feed in compared:
        columns = ", ".join(column.name for column in feed.columns)
        con.execute(
            f"create or replace table state.built__{feed.system}__{feed.name} as"
            f" select {columns} from staging.stg_{feed.system}__{feed.name}"
        )
    for name, model in _OUTCOMES.items():
        con.execute(
            f"create or replace table state.built__{name} as select * from intermediate.{model}"
        )
    con.execute("delete from state.build")
    names = ["build_id", "as_of", "group_currency", "policy_version", "code_fingerprint", "is_full"]
    con.execute("insert into state.build values (?, ?, ?, ?, ?, ?)", [build[n] for n in names])
    con.execute("commit")


def describe(con: Any) -> str:
    """Return the state as JSON, for error messages and logs."""
    state = read(con)
    return json.dumps(state.__dict__ if state else None)
