"""The command `refresh`: the whole way in one process.

What it shows of each step is what the step's own command shows.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.landing import show_landing
from dagster_project.cli.output import JsonOption, emit, progress_bar
from dagster_project.cli.release import published_how, release_facts, show_release, show_report
from dagster_project.cli.warehouse import build_facts, show_build
from dagster_project.errors import EXIT_RED

if TYPE_CHECKING:
    from rich.console import Console


def refresh(
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Tree of batches; absent: the home's own landing."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Start afresh from raw.")] = False,
    json: JsonOption = False,
) -> None:
    """Land, build, judge and publish in one go. Exit code 1 if the build or the gate is red.

    Example: tierline refresh --from /tmp/company/landing
    """
    from dagster_project.pipeline import refresh as run
    from dagster_project.settings import get_settings

    with progress_bar("Refreshing") as step:
        done = run(get_settings(), source, full=full, progress=step)
    facts = {
        "landing": done.landed.to_dict(),
        "build": build_facts(done.built),
        "gate": done.judged.as_dict() if done.judged else None,
        "release": release_facts(done.release) if done.release else None,
        "seconds": {name: round(seconds, 2) for name, seconds in done.seconds.items()},
    }

    def show(console: "Console") -> None:
        show_landing(console, done.landed)
        show_build(console, done.built)
        if done.judged:
            show_report(console, done.judged)
        if done.release:
            show_release(console, done.release, published_how(done.release))

    emit(facts, json, show)
    if not done.ok:
        raise typer.Exit(EXIT_RED)
