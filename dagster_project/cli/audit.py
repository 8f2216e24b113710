"""`tierline audit`: does the record still say what was recorded?"""

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
) -> None:
    """Compute the chain of decisions anew; exit 1 and the first decision at fault if it is broken.

    Example: tierline audit verify
    """
    from dagster_project.errors import UsageError
    from dagster_project.governance import DecisionStore, Head
    from dagster_project.settings import get_settings

    kept = None
    if anchor is not None:
        seq, _, value = anchor.partition(":")
        if not seq.isdigit() or not value:
            raise UsageError(f"'{anchor}' is no anchor.", "An anchor is SEQ:HASH.")
        kept = Head(int(seq), value)
    store = DecisionStore(get_settings().decisions_url)
    count, head = store.verify(kept), store.head()
    emit(
        {"decisions": count, "seq": head.seq, "hash": head.hash},
        json,
        lambda console: console.print(
            f"The chain of {count:,} decisions holds.\nAnchor: {head.seq}:{head.hash}",
            soft_wrap=True,
        ),
    )
