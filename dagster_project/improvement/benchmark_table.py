"""Reads published figures and a settled year of lines, and writes where we stand."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.benchmark import (
    comparability,
    percentile,
    perfect_order,
    side_of,
)
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.reads import Read
from dagster_project.schemes.closed import Closed

LINES = "marts.fct_order_line_service"
STUDIES = "reference.benchmark"
PARTS = {
    "on time": "is_on_time_first",
    "in full": "is_in_full_first",
    "undamaged": "is_perfect_condition",
    "right": "is_accurate",
}
COLUMNS = ("order_id", "line_no", "due_first_date", *PARTS.values())
SETTLING_MONTHS = 3
"""Returns and complaints about a month are in after so many more."""
YEAR_MONTHS = 12


def benchmark_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on."""
    end = closed.before(SETTLING_MONTHS - 1) - timedelta(days=1)
    studies = ("benchmark_id", "published_year", "own_form", "p25", "p50", "p75")
    return (
        Read(LINES, COLUMNS, (("due_first_date", end),), "is_otif_first"),
        Read(STUDIES, studies),
    )


def benchmark_table(tables: Tables, closed: Closed) -> pa.Table:
    """Return each published figure with ours, where one of ours answers it."""
    begin = closed.before(SETTLING_MONTHS + YEAR_MONTHS - 1)
    end = closed.before(SETTLING_MONTHS - 1) - timedelta(days=1)
    lines = tables.read(LINES, COLUMNS, "is_otif_first")
    due = lines["due_first_date"]
    inside = pc.and_(
        pc.greater_equal(due, pa.scalar(begin, due.type)),
        pc.less_equal(due, pa.scalar(end, due.type)),
    )
    lines = lines.filter(pc.fill_null(inside, False))
    # What was never delivered is neither damaged nor wrong.
    flags = {
        name: np.asarray(
            pc.fill_null(lines[column], column not in ("is_on_time_first", "is_in_full_first"))
            .to_numpy(zero_copy_only=False)
            .astype(bool)
        )
        for name, column in PARTS.items()
    }
    own = perfect_order(flags)
    rows = []
    for row in sorted(tables.read(STUDIES).to_pylist(), key=lambda one: one["benchmark_id"]):
        value = None
        if own and row["own_form"] in ("PRODUCT", "JOINT"):
            value = own.product if row["own_form"] == "PRODUCT" else own.joint
        is_same = row["own_form"] != "NONE"
        score, weak = comparability(
            row["published_year"], closed.end.year, row["respondents_count"], is_same
        )
        quantiles = {0.25: row["p25"], 0.5: row["p50"], 0.75: row["p75"]}
        missing = "no line of the year can be judged" if is_same else "nothing of ours answers it"
        rows.append(
            {
                "as_of_month": closed.start,
                "benchmark_id": row["benchmark_id"],
                "source": row["source"],
                "study": row["study"],
                "published_year": row["published_year"],
                "label": row["label"],
                "metric_id": row["metric_id"],
                "own_form": row["own_form"],
                "peer_median": row["p50"],
                "own_value": value,
                "own_joint_value": own.joint if own and is_same else None,
                "own_product_value": own.product if own and is_same else None,
                "lines_count": own.count if own and is_same else None,
                "year_start_date": begin,
                "year_end_date": end,
                "position": side_of(value, [row["p50"]]) if value is not None else None,
                "peer_percentile": percentile(value, quantiles) if value is not None else None,
                "comparability": score,
                "weakness": weak or None,
                "is_grey": score < 1,
                "null_reason": None if value is not None else missing,
            }
        )
    return table_of("benchmark_position", rows)
