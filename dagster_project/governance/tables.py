"""Decisions as tables of the work file: schema ``decisions``, one table per kind.

Written before a build, also where nothing was decided, so that the models read an empty table with
the right columns. What the columns of a kind are belongs in ``kinds``.
"""

from datetime import UTC

import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.governance.audit.tables import chain_table, finding_table
from dagster_project.governance.decisions import Decision, DecisionStore
from dagster_project.governance.kinds import KINDS, Kind, arrow_type, typed_value

SCHEMA = "decisions"
COMMON = {
    "seq": pa.int64(),
    "decided_at": pa.timestamp("us"),
    "subject": pa.string(),
    "actor": pa.string(),
    "role": pa.string(),
    "reason": pa.string(),
}


def write_tables(store: DecisionStore, tables: Tables) -> dict[str, int]:
    """Replace the tables of all kinds by what was decided; return their row counts by kind.

    Raises:
        RedError: The chain of decisions is broken.
    """
    store.verify()
    return write_decisions(store.read(), tables)


def write_audit(decisions: list[Decision], tables: Tables, as_of: str) -> None:
    """Replace the tables from which the models audit the decisions up to a day, YYYY-MM-DD."""
    tables.write("audit.chain", chain_table(decisions))
    tables.write("audit.finding", finding_table(decisions, as_of))


def write_decisions(decisions: list[Decision], tables: Tables) -> dict[str, int]:
    """Replace the tables of all kinds by these decisions; return their row counts by kind."""
    by_kind: dict[str, list[Decision]] = {name: [] for name in KINDS}
    for decision in decisions:
        if decision.kind in by_kind:
            by_kind[decision.kind].append(decision)
    for name, of_kind in by_kind.items():
        tables.write(f"{SCHEMA}.{name}", table_of(KINDS[name], of_kind))
    return {name: len(of_kind) for name, of_kind in by_kind.items()}


def table_of(kind: Kind, decisions: list[Decision]) -> pa.Table:
    """Return decisions of one kind as a table, in sequence; times are naive and in UTC."""
    fields = COMMON | {name: arrow_type(text) for name, text in kind.columns.items()}
    columns: dict[str, list[object]] = {
        "seq": [one.seq for one in decisions],
        "decided_at": [one.decided_at.astimezone(UTC).replace(tzinfo=None) for one in decisions],
    }
    for name in ("subject", "actor", "role", "reason"):
        columns[name] = [getattr(one, name) for one in decisions]
    for name, text in kind.columns.items():
        columns[name] = [typed_value(text, one.payload.get(name)) for one in decisions]
    return pa.table({name: pa.array(columns[name], type) for name, type in fields.items()})
