"""What the models need to audit a build: the chain as it was read, and what people's acts show.

Two tables of schema ``audit``, written where the decisions are. The chain carries the text that
each hash was made from, so that a model can compute it anew; checks that need the whole process of
a request are made here, by the same functions as in ``tierline audit verify``.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa

from dagster_project.governance.audit.results import NO_DATA
from dagster_project.governance.decisions import Decision, content_of

CHAIN = pa.schema(
    [
        ("seq", pa.int64()),
        ("decided_at", pa.timestamp("us")),
        ("kind", pa.string()),
        ("subject", pa.string()),
        ("actor", pa.string()),
        ("role", pa.string()),
        ("reason", pa.string()),
        ("content", pa.string()),
        ("prev_hash", pa.string()),
        ("hash", pa.string()),
    ]
)
FINDING = pa.schema(
    [
        ("check_id", pa.string()),
        ("status", pa.string()),
        ("seq", pa.int64()),
        ("detail", pa.string()),
    ]
)
BY_PEOPLE = ("A3", "A4", "A6", "A7")
"""Checks that are answered from the decisions alone."""


def chain_table(decisions: list[Decision]) -> pa.Table:
    """Return the decisions in sequence with what their hashes were made from; times in UTC."""
    rows = [
        {name: getattr(one, name) for name in CHAIN.names if name not in ("content", "decided_at")}
        | {
            "content": content_of(one),
            "decided_at": one.decided_at.astimezone(UTC).replace(tzinfo=None),
        }
        for one in sorted(decisions, key=lambda one: one.seq)
    ]
    return pa.Table.from_pylist(rows, schema=CHAIN)


def finding_table(decisions: list[Decision], as_of: str) -> pa.Table:
    """Return what the acts of people show at the end of a logical date (YYYY-MM-DD), by check."""
    if not decisions:
        rows = [(check_id, NO_DATA, None, "Nothing was decided.") for check_id in BY_PEOPLE]
        return _findings(rows)
    from dagster_project.governance.audit import people

    in_order = sorted(decisions, key=lambda one: one.seq)
    at = datetime.combine(date.fromisoformat(as_of) + timedelta(days=1), time(), UTC)
    found = [
        people.unapproved(in_order, at),
        people.four_eyes(in_order),
        people.clock(in_order),
        people.retention(in_order),
    ]
    return _findings([(one.check_id, one.status, one.seq, one.detail) for one in found])


def _findings(rows: Sequence[tuple[str, str, int | None, str]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table([pa.array(list(column)) for column in columns], names=FINDING.names).cast(
        FINDING
    )
