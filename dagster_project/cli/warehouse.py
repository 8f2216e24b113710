"""Commands about the build and what stands in it: build, status, explain.

What a build does belongs in `dagster_project.warehouse`; what a segment means, in
`dagster_project.segmentation`.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.output import JsonOption, emit, progress_bar, table
from dagster_project.errors import EXIT_RED

if TYPE_CHECKING:
    from rich.console import Console


def build(
    full: Annotated[bool, typer.Option("--full", help="Start afresh from raw.")] = False,
    json: JsonOption = False,
) -> None:
    """Build the marts in the work file from what has landed. Exit code 1 if a dbt test is red.

    Example: tierline build --full
    """
    from dagster_project.settings import get_settings
    from dagster_project.warehouse.build import build as run

    with progress_bar("Building") as step:
        result = run(get_settings(), full=full, progress=step)

    def show(console: "Console") -> None:
        show_build(console, result)
        if result.ok:
            console.print("Next: tierline gate")

    emit(build_facts(result), json, show)
    if not result.ok:
        raise typer.Exit(EXIT_RED)


def build_facts(result: Any) -> dict[str, Any]:
    """Return what a person wants to know of a build."""
    return {
        "build_id": result.build_id,
        "as_of": result.as_of,
        "group_currency": result.group_currency,
        "full": result.full,
        "ok": result.ok,
        "stages": {name: round(seconds, 2) for name, seconds in result.stages.items()},
        "dbt": count_by_status(result.dbt_results),
        "failures": [vars(node) for node in result.failures],
    }


def count_by_status(results: list[Any]) -> dict[str, int]:
    """Count dbt nodes as ``<type> <status>``."""
    counts: dict[str, int] = {}
    for node in results:
        key = f"{node.resource_type} {node.status}"
        counts[key] = counts.get(key, 0) + 1
    return dict(sorted(counts.items()))


def show_build(console: "Console", result: Any) -> None:
    """Print the stages of a build and the nodes that are red."""
    kind = "full" if result.full else "incremental"
    rows = [[name, seconds] for name, seconds in result.stages.items()]
    console.print(
        f"Build [bold]{result.build_id}[/bold] ({kind}, as of {result.as_of}, "
        f"{result.group_currency})"
    )
    console.print(table("Stages", ["Stage", "Seconds"], rows))
    console.print(
        ", ".join(f"{n:,} {key}" for key, n in count_by_status(result.dbt_results).items())
    )
    if result.ok:
        return
    failed = [[node.name, node.status, node.message] for node in result.failures]
    console.print(table("Red", ["Node", "Status", "Message"], failed))


def status(json: JsonOption = False) -> None:
    """Show what landed, what waits or is held, the last build and the current release.

    Example: tierline status
    """
    from dagster_project.cli.overview import overview, show_overview
    from dagster_project.settings import get_settings

    facts = overview(get_settings())
    emit(facts, json, lambda console: show_overview(console, facts))


def explain(
    customer: Annotated[str, typer.Argument(help="ERP customer id or segmentation entity.")],
    as_of: Annotated[
        str | None, typer.Option(help="Day asked about, YYYY-MM-DD; absent: the release's own.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Only what was known at the end of this day, YYYY-MM-DD.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Tell which segment a customer is in, since when, by which rule, and what is held back.

    Example: tierline explain C000017 --as-of 2025-06-30 --known-at 2025-07-15
    """
    from dagster_project.segmentation.explain import explain as run
    from dagster_project.segmentation.explain_words import render
    from dagster_project.settings import get_settings

    explanation = run(get_settings(), customer, as_of, known_at)
    emit(explanation, json, lambda console: console.print(render(explanation)))
