"""The static pages of a release: the gate results, and the segments with their figures.

Self-contained HTML without scripts. Figures are sums of the released marts; a rate is the sum of
its numerators over the sum of its denominators, never an average of rates.
"""

from decimal import Decimal
from typing import Any

from dagster_project.release.results import SAMPLE_ROWS, report_from_dict

_ORDER = {"FAIL": 0, "WAIVED": 1, "WARN": 2, "NO_DATA": 3, "PASS": 4}

_SEGMENTS = """
    with

    horizon as (

        select
            max(activity_month) as newest_month,
            max(activity_month) - interval 11 month as first_month
        from work.marts.mart_segment_kpi_monthly

    ),

    figures as (

        select
            kpi.segment_key,
            sum(case when activity_month = newest_month then entities_count end) as entities,
            sum(order_lines_count) as order_lines,
            sum(net_amount_group) as net_amount,
            sum(gross_margin_group) as margin,
            sum(otif_first_numerator) as otif_numerator,
            sum(otif_first_denominator) as otif_denominator,
            list(activity_month order by activity_month) as months,
            list(cast(coalesce(net_amount_group, 0) as double) order by activity_month)
                as net_by_month
        from work.marts.mart_segment_kpi_monthly as kpi
        cross join horizon
        where activity_month >= first_month
        group by kpi.segment_key

    )

    select figures.*, segment.segment_code, segment.label
    from figures
    left join work.marts.dim_segment as segment on figures.segment_key = segment.segment_key
    order by segment.tier_rank nulls last, figures.segment_key
"""


def gate_page(receipt: dict[str, Any], release_id: str | None = None) -> str:
    """Render the verdict on a build.

    Args:
        receipt: The receipt of the build.
        release_id: The release it became; null for a red build.
    """
    report = report_from_dict(receipt["gate"])
    suites: dict[str, list[Any]] = {}
    for result in sorted(report.results, key=lambda r: (_ORDER[r.status], r.suite)):
        suites.setdefault(result.suite, []).append(result)
    return render(
        "gates.html",
        receipt=receipt,
        report=report,
        suites=suites,
        release_id=release_id,
        statuses=list(_ORDER),
        sample_rows=SAMPLE_ROWS,
    )


def report_page(connection: Any, release_id: str, receipt: dict[str, Any]) -> str:
    """Render the released segments of the last twelve months.

    Args:
        connection: The open work file, whose marts are being released.
        release_id: The release the page belongs to.
        receipt: The receipt of the build.
    """
    has_kpis = {"mart_segment_kpi_monthly", "dim_segment"} <= set(receipt["tables"])
    segments = _segments(connection) if has_kpis else []
    return render(
        "report.html",
        release_id=release_id,
        receipt=receipt,
        segments=segments,
        total=_total(segments),
        feeds=receipt["feeds"],
    )


def _segments(connection: Any) -> list[dict[str, Any]]:
    rows = _rows(connection, _SEGMENTS)
    months = sorted({month for row in rows for month in row["months"]})
    for row in rows:
        net = dict(zip(row["months"], row["net_by_month"], strict=True))
        highest = max([*net.values(), 1.0])
        row["bars"] = [max(round(28 * net.get(month, 0.0) / highest), 1) for month in months]
        row["otif"] = _rate(row["otif_numerator"], row["otif_denominator"])
    return rows


def _total(segments: list[dict[str, Any]]) -> dict[str, Any]:
    names = ["entities", "order_lines", "net_amount", "otif_numerator", "otif_denominator"]
    known = {name: [s[name] for s in segments if s[name] is not None] for name in names}
    sums = {name: sum(values) if values else None for name, values in known.items()}
    return sums | {"otif": _rate(sums["otif_numerator"], sums["otif_denominator"])}


def _rate(numerator: Decimal | int | None, denominator: Decimal | int | None) -> float | None:
    return float(numerator or 0) / float(denominator) if denominator else None


def _rows(connection: Any, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def render(template: str, **values: Any) -> str:
    """Fill in a template of this package; a value that is missing is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dagster_project.release"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)
