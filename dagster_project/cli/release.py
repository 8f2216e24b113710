"""Commands about releases: gate, publish, rollback, releases.

They show what the release library decided. A rule for publishing belongs in `expectations/`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.output import JsonOption, emit, progress_bar, table
from dagster_project.errors import EXIT_RED

if TYPE_CHECKING:
    from rich.console import Console


def gate(json: JsonOption = False) -> None:
    """Judge the build in the work file and write its receipt. Exit code 1 if it is red.

    Example: tierline gate --json
    """
    from dagster_project.release import gate as run
    from dagster_project.settings import get_settings

    with progress_bar("Judging") as step:
        report = run(get_settings(), progress=step)
    emit(report.as_dict(), json, lambda console: show_report(console, report))
    if not report.passed:
        raise typer.Exit(EXIT_RED)


def publish(
    build: Annotated[
        str | None,
        typer.Option(help="Expected build id; absent: whatever stands there."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Publish the judged build as a new release; refused without its own green receipt.

    Example: tierline publish
    """
    from dagster_project.release import publish as run
    from dagster_project.settings import get_settings

    with progress_bar("Publishing") as step:
        release = run(get_settings(), build_id=build, progress=step)
    _emit_release(release, json, published_how(release))


def published_how(release: Any) -> str:
    """Say whether a release is new and current."""
    is_new = "is published" if release.is_new else "was published before"
    return is_new + (" and current" if release.is_current else "")


def rollback(
    to: Annotated[
        str | None, typer.Option(help="Release id; absent: the one before the current.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make an earlier release current again; nothing is deleted.

    Example: tierline rollback
    """
    from dagster_project.release import rollback as run
    from dagster_project.settings import get_settings

    _emit_release(run(get_settings(), to), json, "is current again")


def releases(json: JsonOption = False) -> None:
    """List the releases of this home, newest first.

    Example: tierline releases --json
    """
    from dagster_project.release import list_releases
    from dagster_project.settings import get_settings

    rows = [release_facts(release) for release in list_releases(get_settings())]

    def show(console: "Console") -> None:
        if not rows:
            console.print("No release yet. Next: tierline demo, or land, build, gate, publish.")
            return
        cells = [
            [
                "▶" if r["is_current"] else "",
                r["release_id"],
                r["as_of"],
                r["published_at"],
                r["rows"],
            ]
            for r in rows
        ]
        console.print(table("Releases", ["", "Release", "As of", "Published", "Rows"], cells))

    emit(rows, json, show)


def export(
    profile: Annotated[str, typer.Argument(help="Profile of release_profile.csv.")],
    out: Annotated[Path | None, typer.Option(help="Folder; absent: profiles/ in the home.")] = None,
    reader: Annotated[
        str | None,
        typer.Option("--for", help="Who gets it: needs a grant, and gets the grant's region."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write the current release as one kind of reader may see it: columns absent or hashed.

    Example: tierline export planner --for lena --out /tmp/for_planning
    """
    from dataclasses import asdict

    from dagster_project.access import export_profile
    from dagster_project.settings import get_settings

    exported = export_profile(get_settings(), profile, out, reader)

    def show(console: "Console") -> None:
        rows = [
            [mart, count, ", ".join(exported.dropped[mart]), ", ".join(exported.hashed[mart])]
            for mart, count in exported.rows.items()
        ]
        console.print(table(f"Profile {profile}", ["Mart", "Rows", "Absent", "Hashed"], rows))
        console.print(f"Read it: {exported.path}", soft_wrap=True)

    emit(asdict(exported), json, show)


def show_report(console: "Console", report: Any) -> None:
    """Print the verdict: counts first, then each red result with its reason and a failing row."""
    counts = ", ".join(
        f"{report.count(status)} {status}"
        for status in ("PASS", "WARN", "WAIVED", "FAIL", "NO_DATA")
    )
    colour, word = ("green", "open") if report.passed else ("red", "shut")
    console.print(f"Gate of build {report.build_id}: [bold {colour}]{word}[/] ({counts})")
    if report.waivers:
        keys = ["control_id", "dimension", "difference", "waived_by", "expires_on", "reason"]
        waived = [[waiver[key] for key in keys] for waiver in report.waivers]
        names = ["Control", "What", "Difference", "Waived by", "Until", "Why"]
        console.print(table("Waived", names, waived))
    if report.explanations:
        console.print(f"{len(report.explanations)} differences are explained; see the gate page.")
    if report.failed:
        rows = [
            [r.control_id or r.suite, r.name, r.observed, str(r.sample[0]) if r.sample else ""]
            for r in report.failed
        ]
        console.print(table("Red", ["Control", "Expectation", "Observed", "Sample"], rows))
        console.print(
            "Nothing was published; the last good release still answers.\n"
            "Next: correct the batch, `tierline land` it, then build and gate again."
        )


def release_facts(release: Any) -> dict[str, Any]:
    """Return what a person wants to know of a release."""
    return {
        "release_id": release.release_id,
        "build_id": release.build_id,
        "as_of": release.as_of,
        "published_at": release.published_at,
        "is_current": release.is_current,
        "is_new": release.is_new,
        "tables": len(release.tables),
        "rows": sum(entry["rows"] for entry in release.tables.values()),
        "path": str(release.path),
        "database": str(release.database),
    }


def _emit_release(release: Any, as_json: bool, what: str) -> None:
    emit(release_facts(release), as_json, lambda console: show_release(console, release, what))


def show_release(console: "Console", release: Any, what: str) -> None:
    """Print what became of a release, how much is in it and where."""
    facts = release_facts(release)
    console.print(
        f"Release [bold]{release.release_id}[/bold] {what}: {facts['tables']} tables, "
        f"{facts['rows']:,} rows.\nRead it: {release.database}",
        soft_wrap=True,
    )
