"""Runs the matching on the warehouse: party records and verdicts in, pairs and clusters out.

The only module of the package that knows table names. What a record looks like is in the model
``int_party__record``, what is compared and when it is a match in the policy seeds ``identity_*``.
"""

import time
from typing import Any

import pyarrow as pa

from dagster_project.analytics.inputs import fingerprint
from dagster_project.analytics.tables import Tables
from dagster_project.identity import shown
from dagster_project.identity.match import Known, match, rematch
from dagster_project.identity.policy import COLUMNS, parse_model, parse_policy
from dagster_project.identity.results import VERDICTS, Matches

INPUTS = (
    "int_party__record",
    "stg_decisions__identity_verdict",
    "identity_setting",
    "identity_weight",
    "identity_source",
)
"""dbt models and seeds that must stand before the matching runs."""

OUTPUTS = ("identity_record", "identity_pair", "identity_cluster", "identity_blocking")
"""Tables of schema ``analytics`` that are written."""


def run_identity(tables: Tables, _as_of: str) -> dict[str, Any]:
    """Match all party records; those that did not change since the last run cost nothing.

    Args:
        tables: The warehouse.

    Returns:
        Rows by output, records compared anew, and of a run that had something to do what a person
        wants to see: records by method, pairs by decision, blocking, match weights.

    Raises:
        UsageError: The matching policy cannot be used; names file and row.
    """
    started = time.perf_counter()
    records = tables.read("intermediate.int_party__record")
    verdicts = read_verdicts(tables)
    settings, weights, sources = (
        tables.read(f"policy.identity_{name}").to_pylist()
        for name in ("setting", "weight", "source")
    )
    policy, model = parse_policy(settings, sources), parse_model(settings, weights)
    mark = fingerprint(policy, model.to_json(), COLUMNS)
    last = _last(tables, mark)
    if last is None:
        found: Matches | None = match(records, COLUMNS, verdicts, policy, model)
    else:
        found = rematch(last, records, COLUMNS, model, verdicts, policy)
    if found is None:
        seconds = round(time.perf_counter() - started, 3)
        return {"identity_record": len(records), "compared": 0, "seconds": seconds}
    outputs = {
        "identity_record": found.standardised.records,
        "identity_pair": found.pairs,
        "identity_cluster": found.clusters,
        "identity_blocking": found.blocking.append_column(
            "input_mark", pa.array([mark] * len(found.blocking), pa.string())
        ),
    }
    for name, table in outputs.items():
        tables.write(f"analytics.{name}", table)
    facts = _facts(found) | {name: len(table) for name, table in outputs.items()}
    return facts | {"seconds": round(time.perf_counter() - started, 3)}


def read_verdicts(tables: Tables) -> pa.Table:
    """Return what people said, in the order in which they did, as ``VERDICTS``."""
    told = tables.read("staging.stg_decisions__identity_verdict", ["seq", *VERDICTS.names])
    return told.sort_by("seq").select(VERDICTS.names).cast(VERDICTS)


def _last(tables: Tables, mark: str) -> Known | None:
    """What the last run left, if it went by the same policy."""
    if not tables.has("analytics.identity_blocking"):
        return None
    marks = tables.read("analytics.identity_blocking", ["input_mark"])["input_mark"]
    if set(marks.to_pylist()) != {mark}:
        return None
    return Known(tables.read("analytics.identity_record"), tables.read("analytics.identity_pair"))


def _facts(found: Matches) -> dict[str, Any]:
    """What a person wants to see of a run; ``shown`` is for Dagster."""
    methods, decisions = _counts(found.clusters["method"]), _counts(found.pairs["decision"])
    return {
        "compared": found.compared,
        "methods": methods,
        "decisions": decisions,
        "shown": {
            "identity_pair": {
                "Pairs by decision": shown.bars(decisions),
                "Pairs by match weight, in bits": shown.bars(
                    shown.steps(found.pairs["match_weight"].drop_null().to_pylist(), 4)
                ),
            },
            "identity_cluster": {"Records by method": shown.bars(methods)},
            "identity_blocking": {"Blocking": shown.rows(found.blocking.to_pylist())},
        },
    }


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    counts = column.value_counts().to_pylist()
    return {each["values"]: each["counts"] for each in sorted(counts, key=lambda c: c["values"])}
