"""What functions answer for, as points, and the figure of another function that keeps it honest."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from dagster_project.schemes.closed import first_day
from dagster_project.schemes.lint_cells import number
from dagster_project.schemes.lint_table import Finding, PolicyRow

Row = Mapping[str, Any]
FILE = "kpi_assignment"


def points(value: float, target: float, red: float) -> float:
    """Return 0 at red, 100 at the target, straight between, never beyond; red may lie above."""
    return 100 * min(max((value - red) / (target - red), 0.0), 1.0)


def in_month(rows: Sequence[Row], month: date) -> dict[str, float] | None:
    """Return target, red and weight of a month, each by the days that its rows hold; None for none.

    Args:
        rows: Of one function, segment and metric; ``valid_to`` is the first day that is out.
        month: First day of the month.
    """
    end = first_day(month.year * 12 + month.month)
    parts = [(row, _days(row, month, end)) for row in rows]
    whole = sum(days for _, days in parts)
    if whole <= 0:
        return None
    names = ("target", "red", "weight")
    return {name: sum(float(row[name]) * days for row, days in parts) / whole for name in names}


def _days(row: Row, start: date, end: date) -> int:
    last = min(row["valid_to"] or end, end)
    return max((last - max(row["valid_from"], start)) // timedelta(days=1), 0)


def assignment_findings(rows: Sequence[PolicyRow]) -> Iterator[Finding]:
    """Yield weights of a function that do not add up to one, and figures without a counterweight.

    Args:
        rows: ``kpi_assignment.csv`` as text.
    """
    weights: dict[tuple[str, ...], list[PolicyRow]] = defaultdict(list)
    owned = {(row["function_code"], row["metric_id"]) for row in rows}
    for row in rows:
        weights[row["function_code"], row["scheme_id"], row["segment_code"], row["valid_from"]] += [
            row
        ]
        target, red, weight = (number(row[name]) for name in ("target", "red", "weight"))
        for name, value in (("target", target), ("red", red), ("weight", weight)):
            if value is None:
                yield row.finding("NOT_A_NUMBER", name, "expected a number", "Write a number.")
        if target is not None and target == red:
            cure = "Write a red value away from the target."
            yield row.finding("LIMITS_SWAPPED", "red", "it is the target", cure)
        counter = (row["counter_function"], row["counter_metric_id"])
        if row["counter_function"] == row["function_code"]:
            cure = "Name another function."
            yield row.finding("NO_COUNTERWEIGHT", "counter_function", "it is its own", cure)
        elif counter not in owned:
            cure = "Name a metric that a row gives to this other function."
            problem = "nobody answers for it"
            yield row.finding("NO_COUNTERWEIGHT", "counter_metric_id", problem, cure)
    for own in weights.values():
        total = sum(number(row["weight"]) or 0 for row in own)
        if abs(total - 1) > 1e-9:
            cure = f"Change the weights of the function by {1 - total:+g} in all."
            problem = f"the weights add up to {total:g}"
            yield own[-1].finding("WEIGHTS_NOT_ONE", "weight", problem, cure)
