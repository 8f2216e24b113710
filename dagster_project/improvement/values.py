"""What service attained by month, as the judgements of improvement read it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dagster_project.analytics.tables import Tables
from dagster_project.schemes.closed import Closed, first_day

ATTAINMENT = "marts.mart_service_attainment"
COLUMNS = (
    *("segment_key", "due_month", "basis", "metric_id", "numerator", "denominator", "value"),
    *("judged_lines_count", "promised_value", "xmr_signal"),
)
KPI = "marts.mart_segment_kpi_monthly"
KPI_COLUMNS = ("segment_key", "activity_month", "net_amount_group", "gross_margin_group")
EVERYBODY = "*"
Key = tuple[str, str, str]
"""Metric, basis, segment."""


@dataclass
class Series:
    """One metric of one segment by month (first day).

    ``value`` in the unit of the metric; ``count``: lines it stands on; ``promised``: target of the
    segment; ``signal``: rule of the chart that the month breaks.
    """

    value: dict[date, float] = field(default_factory=dict)
    count: dict[date, int] = field(default_factory=dict)
    promised: dict[date, float] = field(default_factory=dict)
    signal: dict[date, str] = field(default_factory=dict)


def closed_months(closed: Closed, count: int) -> list[date]:
    """Return the first days of the last closed months, in the order of time."""
    return [first_day(month) for month in range(closed.month - count + 1, closed.month + 1)]


def attained_series(tables: Tables, closed: Closed) -> dict[Key, Series]:
    """Return every series up to the closed month, segment ``*`` being all segments together."""
    rows = tables.read(ATTAINMENT, COLUMNS).to_pylist()
    return series_of(row for row in rows if row["due_month"] <= closed.start)


def series_of(rows: Iterable[Mapping[str, Any]]) -> dict[Key, Series]:
    """Return rows of ``mart_service_attainment`` as series, with those of all segments together."""
    found: dict[Key, Series] = defaultdict(Series)
    whole: dict[tuple[str, str, date], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in rows:
        if row["value"] is None:
            continue
        month = row["due_month"]
        series = found[row["metric_id"], row["basis"], row["segment_key"]]
        series.value[month] = float(row["value"])
        series.count[month] = int(row["judged_lines_count"])
        if row["promised_value"] is not None:
            series.promised[month] = float(row["promised_value"])
        if row["xmr_signal"] is not None:
            series.signal[month] = str(row["xmr_signal"])
        parts = (row["numerator"], row["denominator"], row["judged_lines_count"])
        total = whole[row["metric_id"], row["basis"], month]
        for place, part in enumerate(parts):
            total[place] += float(part)
    for (metric, basis, month), (above, below, count) in whole.items():
        if below:
            series = found[metric, basis, EVERYBODY]
            series.value[month], series.count[month] = above / below, int(count)
    return dict(found)


def last_values(series: Series | None, months: Sequence[date]) -> list[float]:
    """Return the values that there are in some months, in their order."""
    return [] if series is None else [series.value[m] for m in months if m in series.value]
