"""The static pages of a release: the gate results, and a first report for people.

Self-contained HTML without scripts. A figure on a page is read from the marts of the release;
nothing is computed here.
"""

from typing import Any

from dagster_project.release.results import SAMPLE_ROWS, report_from_dict

_ORDER = {"FAIL": 0, "WARN": 1, "NO_DATA": 2, "PASS": 3}


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
    return _render(
        "gates.html",
        receipt=receipt,
        report=report,
        suites=suites,
        release_id=release_id,
        statuses=list(_ORDER),
        sample_rows=SAMPLE_ROWS,
    )


def report_page(connection: Any, release_id: str, receipt: dict[str, Any]) -> str:
    """Render the released segments and KPIs from the marts in the work file."""
    return _render(
        "report.html",
        release_id=release_id,
        receipt=receipt,
        segments=_segments(connection, receipt),
        kpis=_kpis(connection, receipt),
    )


def _segments(connection: Any, receipt: dict[str, Any]) -> list[dict[str, Any]]:
    return []


def _kpis(connection: Any, receipt: dict[str, Any]) -> list[dict[str, Any]]:
    return []


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dagster_project.release"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)
