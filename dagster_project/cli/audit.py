"""`tierline audit`: does the record still say what was recorded?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.output import JsonOption, emit, table

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(help="Prove the record of decisions.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Prove the record of decisions."""


@app.command()
def access(
    as_of: Annotated[
        str | None, typer.Option(help="Day, YYYY-MM-DD; absent: TIERLINE_AS_OF, else today.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """List who may read what; exit 1 if a grant is an orphan or expired, or a review is overdue.

    Example: tierline audit access
    """
    from dataclasses import asdict
    from datetime import UTC, date, datetime

    from dagster_project.access import load_profiles
    from dagster_project.access.grants import findings_on, grants_on
    from dagster_project.errors import EXIT_OK, EXIT_RED, UsageError
    from dagster_project.governance import DecisionStore
    from dagster_project.settings import get_settings

    settings = get_settings()
    try:
        text = as_of or settings.as_of
        day = date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError as error:
        raise UsageError(f"'{as_of}' is no day.", "Days are written YYYY-MM-DD.") from error
    decisions = DecisionStore(settings.decisions_url).read()
    profiles = set(load_profiles(settings.policy_dir))
    grants, findings = grants_on(day, decisions, profiles), findings_on(day, decisions, profiles)

    def show(console: "Console") -> None:
        names = ["Reader", "Profile", "Region", "Up to", "Granted", "By", "Status"]
        rows = [list(asdict(one).values()) for one in grants]
        console.print(table(f"Grants on {day}", names, rows))
        for one in findings:
            of = f"{one.reader} of " if one.reader else ""
            console.print(f"[red]{one.check}[/]: {of}{one.profile_id}: {one.detail}")

    data = {"grants": [asdict(one) for one in grants], "findings": [asdict(f) for f in findings]}
    emit(data, json, show)
    return EXIT_RED if findings else EXIT_OK


@app.command()
def verify(
    anchor: Annotated[
        str | None,
        typer.Option(help="SEQ:HASH kept elsewhere; shows also whether the newest rows are gone."),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Run the checks A1 to A8 of the record; exit 1 and the first decision at fault if one is red.

    A1 computes the chain anew and compares it with the heads in the manifests of the releases.

    Example: tierline audit verify
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from dagster_project.errors import EXIT_OK, EXIT_RED, RedError, UsageError
    from dagster_project.governance import Head
    from dagster_project.governance.audit import FAIL
    from dagster_project.governance.audit.verify import verify as run_checks
    from dagster_project.settings import get_settings

    kept = None
    if anchor is not None:
        seq, _, value = anchor.partition(":")
        if not seq.isdigit() or not value:
            raise UsageError(f"'{anchor}' is no anchor.", "An anchor is SEQ:HASH.")
        kept = Head(int(seq), value)
    results, head = run_checks(get_settings(), datetime.now(UTC), kept)
    red = [one for one in results if one.status == FAIL]

    def show(console: "Console") -> None:
        rows = [(o.check_id, o.status, o.name, o.seq or o.event, o.detail) for o in results]
        console.print(table("Record of decisions", ["", "Status", "Check", "At", "Found"], rows))
        if red:
            at = f"at decision {red[0].seq}" if red[0].seq else "in what was found"
            raise RedError(
                f"The record does not hold: {red[0].check_id} is red {at}.",
                red[0].detail,
                "Restore the decision store from a copy; no decision from there on can be trusted."
                if red[0].check_id == "A1"
                else "See docs/how-to/audit-decisions.md for what each check asks for.",
            )
        console.print(f"Anchor: {head.seq}:{head.hash}", soft_wrap=True)

    checks = [asdict(one) | {"name": one.name} for one in results]
    data = {"decisions": head.seq, "seq": head.seq, "hash": head.hash, "checks": checks}
    emit(data, json, show)
    return EXIT_RED if red else EXIT_OK


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="JSON lines to write, one per decision.")],
    json: JsonOption = False,
) -> None:
    """Write all decisions for an auditor, who verifies them with thirty lines of Python.

    Example: tierline audit export decisions.jsonl
    """
    from dagster_project.governance.audit.export import export as write
    from dagster_project.settings import get_settings

    head = write(get_settings().decisions_url, file)
    emit(
        {"file": str(file), "seq": head.seq, "hash": head.hash},
        json,
        lambda console: console.print(
            f"{head.seq:,} decisions are in {file}.\nAnchor: {head.seq}:{head.hash}\n"
            f"Verify with: python docs/how-to/verify_decisions.py {file}",
            soft_wrap=True,
        ),
    )
