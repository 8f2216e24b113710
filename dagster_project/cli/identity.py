"""`tierline identity`: why records are one customer, and how the matching learns its weights.

What people decide about pairs belongs in ``decide``.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.output import JsonOption, emit, table

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(help="Which records are one customer, and why.", no_args_is_help=True)


@app.command()
def show(
    record: Annotated[str, typer.Argument(help="<source system>:<id>, or an ERP customer id.")],
    json: JsonOption = False,
) -> None:
    """Show the records that are one party with a record, and what links each of them.

    Example: tierline identity show erp:C000017
    """
    from dagster_project.identity.home import members_of
    from dagster_project.settings import get_settings

    found = members_of(get_settings(), record)

    def show_them(console: "Console") -> None:
        names = ["Record", "Name", "Method", "Confidence", "Linked to", "Why"]
        rows = [list(member.values()) for member in found]
        console.print(table("One party", names, rows))

    emit(found, json, show_them)


@app.command()
def why(
    left: Annotated[str, typer.Argument(help="First record, <source system>:<id>.")],
    right: Annotated[str, typer.Argument(help="Second record.")],
    json: JsonOption = False,
) -> None:
    """Tell what speaks for and against two records being one customer.

    Example: tierline identity why erp:C000017 crm:A000017
    """
    from dagster_project.identity.home import why_pair
    from dagster_project.settings import get_settings

    found = why_pair(get_settings(), left, right)

    def show_it(console: "Console") -> None:
        console.print(f"{left} and {right}: {found['decision']}, {found['reason']}")
        for line in found["evidence"]:
            console.print(f"  {line}")

    emit(found, json, show_it)


@app.command()
def train(
    labels: Annotated[
        Path | None, typer.Option(help="CSV with left_id, right_id, is_match: sets the threshold.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Policy folder to write to; else the one in use.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Learn the weights of the matching from the records of the last build.

    Writes identity_weight.csv and identity_setting.csv; they count from the next build on.

    Example: tierline identity train --labels labelled_pairs.csv
    """
    from dagster_project.identity.home import party_records, policy_of
    from dagster_project.identity.learn import learn, read_labels, write_policy
    from dagster_project.settings import get_settings

    settings = get_settings()
    labelled = read_labels(labels) if labels else None
    learnt = learn(party_records(settings), policy_of(settings), labelled)
    written = write_policy(learnt, out or settings.policy_dir)
    facts = {
        "written": [str(path) for path in written],
        "settings": learnt.settings,
        "learnt": sum(row["basis"] == "learnt" for row in learnt.weights),
        "levels": len(learnt.weights),
        "notes": list(learnt.notes),
    }

    def show_it(console: "Console") -> None:
        console.print(f"{facts['learnt']} of {facts['levels']} weights learnt, written to:")
        for path in [*facts["written"], *facts["notes"]]:
            console.print(f"  {path}")

    emit(facts, json, show_it)
