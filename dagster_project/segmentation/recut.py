"""The history as the rules of today would have made it, beside the one that was believed.

When a version of a rule replaces another, what was decided stays. A trend over the change compares
two measures; here the whole history is cut with the newest version, to be read with one.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.segmentation import output
from dagster_project.segmentation.assignments import OPEN_DAY
from dagster_project.segmentation.columns import timestamp_array
from dagster_project.segmentation.engine import evaluate, evaluated_months
from dagster_project.segmentation.history import Activity, Entities, first_day_of
from dagster_project.segmentation.policy import Row, Scheme
from dagster_project.segmentation.schemas import SCHEMAS
from dagster_project.segmentation.told import Told

_FIRST, _LAST = "0001-01-01", "9999-12-31"


def recut_table(
    entities: Entities, activity: Activity, scheme: Scheme, as_of: str, told: Told
) -> pa.Table:
    """Return the assignments under the rules of the last evaluation; empty where none replaced one.

    Args:
        entities: Ordered by id.
        activity: What they did.
        scheme: The policy with all versions of its rules.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.
        told: What contracts and people say.
    """
    months = evaluated_months(activity, scheme, as_of)
    schema = SCHEMAS["segment_recut"]
    if not len(months):
        return schema.empty_table()
    day = np.datetime64(first_day_of(months[-1] + 1) + scheme.record_lag_days, "D")
    rules = rules_of_day(scheme.rules, scheme.scheme_id, str(day))
    if rules is None:
        return schema.empty_table()
    newest = replace(scheme, rules=rules)
    outcome = evaluate(entities, activity, newest, as_of, told)
    table = output.build_tables(entities, newest, outcome, told)["segment_assignment"]
    still = pc.equal(table["recorded_to"], timestamp_array(np.array([OPEN_DAY]))[0])
    table = table.filter(still)
    version = pa.repeat(pa.scalar(outcome.rule_set.version, pa.string()), table.num_rows)
    table = table.append_column("rule_set_version", version)
    return table.select(schema.names).cast(schema)


def rules_of_day(rows: tuple[Row, ...], scheme_id: str, day: str) -> tuple[Row, ...] | None:
    """Return the rules in force on a day (YYYY-MM-DD), those that replaced another from the first
    day on; null where no rule of the scheme replaced one."""
    own = [row for row in rows if row["scheme_id"] == scheme_id and row["status"] == "ACTIVE"]
    ended = {row["rule_id"] for row in own if _day(row, "valid_to", _LAST) <= day}
    in_force = [
        row for row in own if _day(row, "valid_from", _FIRST) <= day < _day(row, "valid_to", _LAST)
    ]
    if not ended & {row["rule_id"] for row in in_force}:
        return None
    return tuple(
        {**row, "valid_from": None} if row["rule_id"] in ended else row for row in in_force
    )


def _day(row: Row, column: str, default: str) -> str:
    return str(row.get(column) or "").strip() or default
