"""Metrics as typed values, read from ``seeds/policy/metric_definition.csv``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from dagster_project.errors import UsageError

FILE = "seeds/policy/metric_definition.csv"
DIRECTIONS = ("UP", "DOWN")
UNITS = ("share", "days", "points", "lines", "orders", "group currency")
BASES = ("req", "first", "last")
"""Dates that a promise can be measured against; ``{basis}`` in a formula stands for one."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Metric:
    """One version of a metric; the columns of the policy file, blanks as empty text."""

    metric_id: str
    version: int
    label: str
    formula: str
    unit: str
    direction: str
    grain: str
    source_model: str
    numerator_sql: str
    denominator_sql: str
    filter_sql: str
    date_column: str
    segment_column: str
    shown_in: str
    exclusions: str
    scor_code: str
    owner: str

    @property
    def is_computable(self) -> bool:
        """Does the definition say how rows make the value, so that a query can repeat it?"""
        return bool(self.source_model and self.numerator_sql and self.date_column)

    @property
    def has_basis(self) -> bool:
        """Is there one value for each date that a promise can be measured against?"""
        return "{basis}" in self.numerator_sql

    @property
    def is_higher_better(self) -> bool:
        return self.direction == "UP"

    def value_query(self, basis: str = "", schema: str = "marts") -> str:
        """Return a query of segment_key, month (first day) and value, straight from the definition.

        Args:
            basis: One of ``BASES`` where ``has_basis``.
            schema: Schema of the marts.

        Raises:
            UsageError: The definition does not say how rows make the value.
        """
        if not self.is_computable:
            raise UsageError(
                f"Metric {self.metric_id} cannot be computed by a query.",
                f"{FILE} names no rows and no formula for it.",
                "Ask the mart that shows it.",
            )
        value = self.numerator_sql
        if self.denominator_sql:
            value = f"cast({value} as double) / nullif({self.denominator_sql}, 0)"
        where = f" where {self.filter_sql}" if self.filter_sql else ""
        text = (
            f"select {self.segment_column} as segment_key,"
            f" cast(date_trunc('month', {self.date_column}) as date) as month, {value} as value"
            f" from {schema}.{self.source_model}{where} group by 1, 2"
        )
        return text.replace("{basis}", basis)


def parse_metrics(rows: Iterable[Row]) -> dict[str, Metric]:
    """Return the newest version of each metric by its id.

    Raises:
        UsageError: A version is no whole number, a unit or direction is unknown, or a version of a
            metric stands there twice.
    """
    newest: dict[str, Metric] = {}
    seen: set[tuple[str, int]] = set()
    for row in rows:
        metric = _metric(row)
        key = (metric.metric_id, metric.version)
        if key in seen:
            raise _wrong(metric.metric_id, "version", "stands there twice", "Keep one.")
        seen.add(key)
        before = newest.get(metric.metric_id)
        if before is None or before.version < metric.version:
            newest[metric.metric_id] = metric
    return dict(sorted(newest.items()))


def require_metric(metrics: Mapping[str, Metric], metric_id: str) -> Metric:
    """Return a metric.

    Raises:
        UsageError: The registry has none of this name; the known ones are listed.
    """
    if metric_id not in metrics:
        raise UsageError(
            f"There is no metric {metric_id}.",
            f"{FILE} has {', '.join(metrics)}.",
            "Use one of them, or define it there first.",
        )
    return metrics[metric_id]


def _metric(row: Row) -> Metric:
    texts = {each.name: str(row.get(each.name) or "").strip() for each in fields(Metric)}
    name = texts["metric_id"]
    if not texts["version"].isdigit():
        raise _wrong(name, "version", "is no whole number", "Count versions from 1.")
    for column, known in (("unit", UNITS), ("direction", DIRECTIONS)):
        if texts[column] not in known:
            why = f"found {texts[column]!r}"
            raise _wrong(name, column, why, f"Use one of {', '.join(known)}.")
    return Metric(**(texts | {"version": int(texts["version"])}))  # type: ignore[arg-type]


def _wrong(row: str, column: str, why: str, fix: str) -> UsageError:
    return UsageError(
        "The registry of metrics is not usable.", f"{FILE}, row {row}, column {column}: {why}.", fix
    )
