"""The `tierline` application: the list of commands and the one place that chooses exit codes.

Add a command by writing it in a module of this folder and registering it below. Commands import
what they need inside, so that `--help` answers at once.
"""

import os
import sys
from typing import NoReturn

import typer

from dagster_project.cli import (
    audit,
    decide_definition,
    demo,
    doctor,
    identity,
    landing,
    planning,
    policy,
    release,
    review,
    segments,
    warehouse,
    whole_way,
)
from dagster_project.cli.output import show_error
from dagster_project.errors import EXIT_OK, EXIT_USAGE, LockedError, TierlineError
from dagster_project.process import leave

app = typer.Typer(
    name="tierline",
    help="The open warehouse for customer segmentation in supply chains.",
    epilog="Exit codes: 0 done, 1 a gate or check is red, 2 usage, 3 environment, 4 locked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

START, DATA, BUILD = "Start here", "Bring data", "Build and ask"
RELEASE, PLAN, DECIDE = "Release", "Planning cycles", "Decide"
app.command(rich_help_panel=START)(demo.demo)
app.command(rich_help_panel=START)(whole_way.refresh)
app.command(rich_help_panel=START)(doctor.doctor)
app.command(rich_help_panel=START)(warehouse.status)
app.command(rich_help_panel=DATA)(landing.simulate)
app.command(rich_help_panel=DATA)(landing.adapt)
app.command(rich_help_panel=DATA)(landing.pack)
app.command(rich_help_panel=DATA)(landing.pull)
app.command(rich_help_panel=DATA)(landing.land)
app.command(rich_help_panel=BUILD)(warehouse.build)
app.command(rich_help_panel=BUILD)(warehouse.explain)
app.command(rich_help_panel=BUILD)(segments.segments)
app.command(rich_help_panel=RELEASE)(release.gate)
app.command(rich_help_panel=RELEASE)(release.publish)
app.command(rich_help_panel=RELEASE)(release.rollback)
app.command(rich_help_panel=RELEASE)(release.releases)
app.command(rich_help_panel=RELEASE)(release.export)
app.command(rich_help_panel=RELEASE)(review.review)
app.command(rich_help_panel=PLAN)(planning.cycles)
app.command(rich_help_panel=PLAN)(planning.freeze)
app.add_typer(identity.app, name="identity", rich_help_panel=BUILD)
app.add_typer(policy.app, name="policy", rich_help_panel=DECIDE)
app.add_typer(decide_definition.app, name="decide", rich_help_panel=DECIDE)
app.add_typer(audit.app, name="audit", rich_help_panel=DECIDE)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are shown, never raised."""
    import click

    as_json = "--json" in arguments
    try:
        result = app(arguments, prog_name="tierline", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except click.Abort:
        sys.stderr.write("Stopped. Nothing is half done: the next run completes the work.\n")
        return 130
    except TierlineError as error:
        show_error(error, as_json)
        return error.exit_code
    except Exception as error:
        known = _known(error)
        show_error(known, as_json)
        return known.exit_code
    return result if isinstance(result, int) else EXIT_OK


def main() -> NoReturn:
    """Entry point of the console script."""
    # Telemetry is off for everything that a command may import, whatever the user's shell says.
    os.environ.update(GX_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1")
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    leave(run(sys.argv[1:]))


def _known(error: Exception) -> TierlineError:
    """Turn an exception that nobody foresaw into words; its trace goes to a log file."""
    text = str(error)
    if "Could not set lock on file" in text or "Conflicting lock" in text:
        return LockedError(
            "The work file is open in another process.",
            text.split("See also")[0].strip(),
            "Wait for that process or end it. Readers should open a release, not the work file.",
        )
    return TierlineError(
        "Something failed that Tierline has no words for.",
        f"{type(error).__name__}: {text[:500]}",
        f"The whole trace is in {_write_log(error)}.",
    )


def _write_log(error: Exception) -> str:
    import tempfile
    import traceback
    from pathlib import Path

    from dagster_project.settings import get_settings

    trace = "".join(traceback.format_exception(error))
    try:
        path = get_settings().home / "logs" / "last-error.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(trace)
    except (OSError, TierlineError):
        path = Path(tempfile.mkstemp(prefix="tierline-", suffix=".txt")[1])
        path.write_text(trace)
    return str(path)


if __name__ == "__main__":
    main()
