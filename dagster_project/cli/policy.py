"""`tierline policy`: judge a segmentation policy before anyone approves it.

What is computed belongs in `dagster_project/schemes`; nothing here changes a policy.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.output import JsonOption, emit, progress_bar, table
from dagster_project.cli.policy_worth import SchemeOption, attributes, fitness

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(help="Check, compare and replay segmentation policies.", no_args_is_help=True)
app.command()(attributes)
app.command()(fitness)


@app.callback()
def policy() -> None:
    """Check, compare and replay segmentation policies."""


@app.command()
def lint(
    folder: Annotated[
        Path | None, typer.Argument(help="Policy folder; the one in force when not given.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Check the segmentation seeds; exit 1 with file, row, column and cure for each mistake.

    Example: tierline policy lint seeds/policy
    """
    from dataclasses import asdict

    from dagster_project.errors import EXIT_OK, EXIT_RED, UsageError
    from dagster_project.schemes.lint import lint as run
    from dagster_project.settings import get_settings

    where = folder or get_settings().policy_dir
    if not where.is_dir():
        raise UsageError(f"There is no folder {where}.", "", "Name a folder with policy files.")
    found = run(where)

    def show(console: "Console") -> None:
        for one in found:
            place = ", ".join(
                part for part in (one.file, one.row and f"row {one.row}", one.column) if part
            )
            console.print(f"[red]{one.check}[/] {place}: {one.problem}. {one.cure}", soft_wrap=True)
        console.print(f"{len(found)} mistakes in {where}" if found else f"No mistake in {where}")

    emit({"folder": str(where), "findings": [asdict(one) for one in found]}, json, show)
    return EXIT_RED if found else EXIT_OK


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD_DIR", help="Policy folder to leave.")],
    new: Annotated[
        Path | None,
        typer.Argument(metavar="[NEW_DIR]", help="Policy folder to enter; absent: that in force."),
    ] = None,
    scheme: SchemeOption = None,
    top: Annotated[int, typer.Option(min=0, help="Customers to list, the largest first.")] = 20,
    json: JsonOption = False,
) -> None:
    """Tell who would be in another segment: two policies replayed on the last build's history.

    Example: tierline policy diff approved/policy seeds/policy
    """
    from dagster_project.schemes.diff import compare
    from dagster_project.schemes.reader import read_folder, read_history, the_scheme
    from dagster_project.settings import get_settings

    settings = get_settings()
    target = new or settings.policy_dir
    before = the_scheme(read_folder(old), scheme)
    after = the_scheme(read_folder(target), scheme or before.scheme_id)
    with progress_bar("Replaying two policies"):
        history = read_history(settings)
        found = compare(history, before, after)
    moves = [
        {"from": pair[0], "to": pair[1], "customers": n, "net_revenue": found.revenue[pair]}
        for pair, n in found.counts.items()
    ]
    movers = [
        {"entity_id": m.entity_id, "from": m.before, "to": m.after, "net_revenue": m.net_revenue}
        for m in found.movers[:top]
    ]

    def show(console: "Console") -> None:
        console.print(
            f"Scheme {found.scheme_id} as of {history.as_of}: {len(found.movers):,} of"
            f" {found.entities:,} customers would move from {old} to {target}."
        )
        if moves:
            names = ["From", "To", "Customers", "Net revenue, 12 months"]
            console.print(table("Moves", names, [list(row.values()) for row in moves]))
            names = ["Customer", "From", "To", "Net revenue, 12 months"]
            console.print(table("Largest", names, [list(row.values()) for row in movers]))

    data = {
        "scheme_id": found.scheme_id,
        "as_of": history.as_of,
        "customers": found.entities,
        "movers": len(found.movers),
        "adjusted_rand": found.crosswalk.adjusted_rand,
        "moves": moves,
        "largest": movers,
    }
    emit(data, json, show)


@app.command()
def sensitivity(
    change: Annotated[
        float, typer.Option("--by", help="Share by which a weight is moved, up and down.")
    ] = 0.10,
    scheme: SchemeOption = None,
    json: JsonOption = False,
) -> None:
    """Move one weight at a time, rescale the others, and count who changes tier by score.

    Example: tierline policy sensitivity --by 0.10
    """
    from dataclasses import asdict

    from dagster_project.errors import TierlineError
    from dagster_project.schemes.reader import read_folder, read_history, the_scheme
    from dagster_project.schemes.sensitivity import tornado
    from dagster_project.settings import get_settings

    settings = get_settings()
    chosen = the_scheme(read_folder(settings.policy_dir), scheme)
    with progress_bar("Scoring"):
        history = read_history(settings)
        outcome = history.replay(chosen)
        if not outcome.evaluations:
            raise TierlineError(
                "Nobody has been scored.", "The history has no month to judge.", "Land more months."
            )
        swings = tornado(outcome.evaluations[-1].population, chosen, change)
    rows = [asdict(one) | {"share": one.share} for one in swings]

    def show(console: "Console") -> None:
        names = ["Attribute", "Weight", "Moved if lower", "Moved if higher", "Largest share", ""]
        cells = [
            [
                one.attribute_id,
                one.weight,
                one.moved_low,
                one.moved_high,
                f"{one.share:.1%}",
                "█" * round(24 * one.share / max(swings[0].share, 1e-9)),
            ]
            for one in swings
        ]
        title = f"{swings[0].entities:,} customers scored, each weight by ±{change:.0%}"
        console.print(table(title, names, cells))

    emit({"scheme_id": chosen.scheme_id, "change": change, "attributes": rows}, json, show)


@app.command()
def backtest(
    scheme: SchemeOption = None,
    json: JsonOption = False,
) -> None:
    """Replay annual, quarterly and monthly moves, patient or not: churn against misassignment.

    Example: tierline policy backtest
    """
    from dagster_project.schemes.backtest import backtest as run
    from dagster_project.schemes.backtest import tier_frontier
    from dagster_project.schemes.reader import read_folder, read_history, the_scheme
    from dagster_project.settings import get_settings

    settings = get_settings()
    chosen = the_scheme(read_folder(settings.policy_dir), scheme)
    with progress_bar("Replaying six policies"):
        history = read_history(settings)
        found = run(history, chosen)
        frontier = tier_frontier(history, chosen)
    rows = [_policy_facts(one) for one in found]
    points = [vars(point) for point in frontier]

    def show(console: "Console") -> None:
        _show_backtest(console, chosen.scheme_id, history.as_of, rows, points)

    data = {
        "scheme_id": chosen.scheme_id,
        "as_of": history.as_of,
        "policies": [
            row | {"months": [vars(month) for month in one.months]}
            for row, one in zip(rows, found, strict=True)
        ],
        "granularity": points,
    }
    emit(data, json, show)


def _policy_facts(one: Any) -> dict[str, Any]:
    return {
        "cadence": one.candidate.cadence,
        "has_hysteresis": one.candidate.has_hysteresis,
        "changes": one.changes,
        "churn": one.churn,
        "flip_flops": one.flip_flops,
        "flip_flop_share": one.flip_flop_share,
        "changes_per_100_orders": one.changes_per_100_orders,
        "misassignment": one.misassignment,
        "judged_months": one.judged_months,
        "is_efficient": one.is_efficient,
    }


def _show_backtest(
    console: "Console",
    scheme_id: str,
    as_of: str,
    rows: list[dict[str, Any]],
    points: list[dict[str, Any]],
) -> None:
    names = ["Moves", "Patient", "Changes", "Per customer and year", "To and fro", "Off by tiers"]
    wanted = ("cadence", "has_hysteresis", "changes", "churn", "flip_flops", "misassignment")
    cells = [[row[name] for name in wanted] + [row["is_efficient"]] for row in rows]
    title = f"Scheme {scheme_id} replayed to {as_of}"
    console.print(table(title, [*names, "Efficient"], cells))
    judged = rows[0]["judged_months"]
    if judged:
        console.print(f"Off by tiers: mean over {judged} months whose following window is known.")
    else:
        console.print("Nobody can know yet which tier was right: the history is too short.")
    if points:
        names = ["Tiers", "Explained", "Kept", "Smallest", "Large enough", "Knee"]
        wanted = ("segments", "explained", "kept", "smallest_share", "is_large_enough", "is_knee")
        cells = [[point[name] for name in wanted] for point in points]
        title = "Tiers by quantile of score: next window's revenue rank explained, tier kept"
        console.print(table(title, names, cells))
