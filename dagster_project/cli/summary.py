"""What a person sees at the end of the demo: what landed, what was checked, who is where.

Figures of segments are read from the current release as any reader would read them; nothing is
computed here that a mart already says.
"""

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from dagster_project.cli.output import table
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

SEGMENTS = """
select
    segment.segment_code, segment.label, kpi.entities_count, kpi.active_entities_count,
    kpi.order_lines_count, kpi.net_amount_group, kpi.net_amount_share, kpi.gross_margin_group,
    kpi.otif_first
from marts.mart_segment_kpi_monthly as kpi
inner join marts.dim_segment as segment using (segment_key)
where kpi.activity_month = (select max(activity_month) from marts.mart_segment_kpi_monthly)
order by segment.tier_rank nulls last, segment.segment_code
"""
MOVES = """
select from_segment_code, to_segment_code, count(*)
from marts.fct_segment_event
where from_segment_code is not null
    and evaluation_month = (select max(evaluation_month) from marts.fct_segment_event)
group by all
order by 3 desc, 1, 2
"""
MONTHS = """
select
    (select max(activity_month) from marts.mart_segment_kpi_monthly),
    (select max(evaluation_month) from marts.fct_segment_event)
"""


def summary(settings: Settings, succeeded: bool, seconds: float) -> dict[str, Any]:
    """Collect the outcome of a demo run as plain data."""
    from dagster_project.cli.overview import feeds, problems
    from dagster_project.cli.release import release_facts
    from dagster_project.release import current_release

    release = current_release(settings)
    return {
        "succeeded": succeeded,
        "seconds": round(seconds, 1),
        "landed": by_system(feeds(settings)),
        "problems": problems(settings),
        "build": _build(settings),
        "gate": _gate(settings),
        "release": release_facts(release) if release else None,
        **(segments(release) if release and succeeded else {"segments": [], "moves": []}),
    }


def by_system(feeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sum batches and rows of the feeds per source system."""
    systems: dict[str, dict[str, Any]] = {}
    for feed in feeds:
        name = feed["system"]
        total = systems.setdefault(
            name, {"system": name, "feeds": 0, "batches": 0, "landed": 0, "quarantined": 0}
        )
        total["feeds"] += bool(feed["batches"])
        total["batches"] += sum(feed["batches"].values())
        total["landed"] += feed["landed_rows"]
        total["quarantined"] += feed["quarantined_rows"]
    return list(systems.values())


def segments(release: Any) -> dict[str, Any]:
    """Read the last month of each segment and the moves of the last evaluation."""
    import duckdb

    con = duckdb.connect(str(release.database.resolve()), read_only=True)
    try:
        rows = con.execute(SEGMENTS).fetchall()
        names = [column[0] for column in con.description]
        month, evaluation = con.execute(MONTHS).fetchone() or (None, None)
        moves = con.execute(MOVES).fetchall()
    finally:
        con.close()
    return {
        "month": str(month)[:7],
        "segments": [dict(zip(names, row, strict=True)) for row in rows],
        "evaluation_month": str(evaluation)[:7],
        "moves": [{"from": old, "to": new, "customers": count} for old, new, count in moves],
    }


def _build(settings: Settings) -> dict[str, Any] | None:
    path = settings.work_dir / "build.json"
    if not path.exists():
        return None
    build = json.loads(path.read_text(encoding="utf-8"))
    tests = [node for node in build["dbt"] if node["resource_type"] == "test"]
    return {
        "build_id": build["build_id"],
        "as_of": build["as_of"],
        "group_currency": build["group_currency"],
        "full": build["full"],
        "tables": sum(node["resource_type"] != "test" for node in build["dbt"]),
        "dbt_tests": len(tests),
        "dbt_tests_passed": sum(node["status"] == "pass" for node in tests),
    }


def _gate(settings: Settings) -> dict[str, Any] | None:
    from dagster_project.release.receipt import receipt_path
    from dagster_project.release.results import Status, report_from_dict

    build = _build(settings)
    path = receipt_path(settings, build["build_id"]) if build else None
    if path is None or not path.exists():
        return None
    report = report_from_dict(json.loads(path.read_text(encoding="utf-8"))["gate"])
    return {
        "passed": report.passed,
        "counts": {status: report.count(status) for status in get_args(Status)},
        "red": [
            {"control": r.control_id or r.suite, "name": r.name, "observed": r.observed}
            for r in report.failed
        ],
    }


def show_summary(console: "Console", facts: dict[str, Any]) -> None:
    """Print the outcome of a demo run."""
    rows = [
        [s[k] for k in ("system", "feeds", "batches", "landed", "quarantined")]
        for s in facts["landed"]
    ]
    console.print(table("Landed", ["Source", "Feeds", "Batches", "Rows", "Quarantined"], rows))
    if facts["problems"]:
        cells = [list(problem.values()) for problem in facts["problems"]]
        console.print(table("Not taken", ["Status", "Feed", "Batch", "Reason"], cells))
    if facts["segments"]:
        _show_segments(console, facts)
    _show_verdict(console, facts)


def _show_segments(console: "Console", facts: dict[str, Any]) -> None:
    rows = [
        [
            f"{row['segment_code']} {row['label'] or ''}".strip(),
            row["entities_count"],
            row["active_entities_count"],
            row["order_lines_count"],
            money(row["net_amount_group"]),
            percent(row["net_amount_share"]),
            money(row["gross_margin_group"]),
            percent(row["otif_first"]),
        ]
        for row in facts["segments"]
    ]
    currency = facts["build"]["group_currency"]
    names = ["Segment", "Customers", "Active", "Lines", f"Net {currency}", "Share"]
    names += [f"Margin {currency}", "OTIF"]
    console.print(table(f"Segments in {facts['month']}", names, rows))
    moves = "  ".join(f"{m['from']} → {m['to']} {m['customers']}" for m in facts["moves"])
    console.print(f"Moves    {facts['evaluation_month']}: {moves or 'nobody moved'}")


def _show_verdict(console: "Console", facts: dict[str, Any]) -> None:
    build, gate, release = facts["build"], facts["gate"], facts["release"]
    if build:
        kind = "full" if build["full"] else "incremental"
        console.print(
            f"Build    {build['build_id']}, {kind}, as of {build['as_of']}: "
            f"{build['tables']} tables, "
            f"{build['dbt_tests_passed']} of {build['dbt_tests']} dbt tests passed"
        )
    if gate:
        counts = ", ".join(f"{count} {status}" for status, count in gate["counts"].items() if count)
        word = "[bold green]open[/]" if gate["passed"] else "[bold red]shut[/]"
        console.print(f"Gate     {word}: {counts}")
        for red in gate["red"]:
            console.print(f"         [red]{red['control']}[/] {red['name']}: {red['observed']}")
    if facts["succeeded"] and release:
        console.print(
            f"Release  [bold]{release['release_id']}[/]: {release['database']}", soft_wrap=True
        )
    elif release:
        console.print(f"Release  unchanged, {release['release_id']} still answers")
    else:
        console.print("Release  none: nothing was published")
    console.print(f"Time     {facts['seconds']:.0f} s")
    if facts["succeeded"]:
        console.print("Next     tierline explain CUSTOMER, tierline status, make dev (Dagster)")


def money(amount: Decimal | None) -> str:
    """Return an amount without its decimals; a missing one is a dash."""
    return "–" if amount is None else f"{amount:,.0f}"


def percent(share: float | None) -> str:
    """Return a share as a percentage with one decimal; a missing one is a dash."""
    return "–" if share is None else f"{share:.1%}"
