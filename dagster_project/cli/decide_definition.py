"""`tierline decide definitions`, `definition` and `experiment`: what tiers are and are promised.

Registered beside the other acts of `decide`. What may be decided is checked in
``dagster_project/improvement/change_request.py``; experiments are judged in ``experiment.py``.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.decide import ActorOption, KeyOption, ReasonOption, RoleOption, take
from dagster_project.cli.decide_correct import app
from dagster_project.cli.output import JsonOption, emit, table

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from dagster_project.governance import Decision

SHOWN = ("proposal_id", "proposal_type", "direction", "target", "new_target")
IMPACT = ("entities_moved_count", "saving_per_quarter_group", "request_state", "is_next", "reason")


@app.command()
def definitions(json: JsonOption = False) -> None:
    """List proposals to change promises and tiers, with what each would change.

    Example: tierline decide definitions
    """
    found = [{name: row[name] for name in (*SHOWN, *IMPACT)} for row in _proposals()]

    def show(console: "Console") -> None:
        names = ["Proposal", "Type", "", "Now", "New", "Moved", "Saves", "State", "Next", "Why"]
        rows = [[str("" if cell is None else cell) for cell in row.values()] for row in found]
        console.print(table("Proposals to change definitions", names, rows))

    emit(found, json, show)


@app.command()
def definition(
    act: Annotated[str, typer.Argument(help="approve or reject.")],
    proposal: Annotated[str, typer.Argument(help="Proposal, or the change request about it.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    json: JsonOption = False,
) -> None:
    """Approve or reject a proposal; the first verdict opens the change request about it.

    Example: tierline decide definition approve "2026-05|service:S2|OTIF" --as ola --role
    segment_owner --reason "customers expect less"
    """
    from dagster_project.errors import UsageError
    from dagster_project.governance import DecisionStore
    from dagster_project.improvement.change_request import APPROVE, KIND, REJECT, verdict
    from dagster_project.settings import get_settings

    if act not in (APPROVE, REJECT):
        raise UsageError(f"Nobody can {act} a proposal.", "Known: approve, reject.")
    rows = [one for one in _proposals() if proposal in (one["proposal_id"], one["request_id"])]
    row = rows[0] if rows else None
    request = row["request_id"] if row else proposal

    def propose(before: "list[Decision]", moment: "datetime") -> Any:
        return verdict(before, moment, request, row, act, actor, role, reason)

    taken = DecisionStore(get_settings().decisions_url).append_as(propose, [KIND])
    emit(
        {"request_id": request, "act": act, "decisions": [one.seq for one in taken]},
        json,
        lambda console: console.print(
            f"Kept: {act} of {request} by {actor} ({role})."
            "\nOnce all roles have approved, edit the policy and raise the version of the scheme."
        ),
    )


@app.command()
def experiment(
    name: Annotated[str, typer.Argument(help="Name of the experiment.")],
    segment: Annotated[str, typer.Option(help="Segment in which it is tried.")],
    metric: Annotated[str, typer.Option(help="Metric that judges it.")],
    start: Annotated[str, typer.Option(help="First month, YYYY-MM-01.")],
    end: Annotated[str, typer.Option(help="Last month, YYYY-MM-01.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    region: Annotated[str, typer.Option(help="Country in which it is tried; * for all.")] = "*",
    basis: Annotated[str, typer.Option(help="REQ, FIRST, LAST or SHIP.")] = "FIRST",
    effect: Annotated[str | None, typer.Option(help="Change of the metric expected.")] = None,
    request: Annotated[str | None, typer.Option(help="Change request that it decides.")] = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Plan an experiment, or end one on another month; what judges it is said before it begins.

    Example: tierline decide experiment EARLY-CUTOFF --segment service:S2 --region DE --metric OTIF
    --start 2026-07-01 --end 2026-12-01 --as ola --role supply_chain --reason "before we promise it"
    """
    from dagster_project.errors import UsageError
    from dagster_project.governance import DecisionStore
    from dagster_project.governance.kinds import kind_named, validated
    from dagster_project.metrics.registry import parse_metrics, require_metric
    from dagster_project.schemes.reader import read_rows
    from dagster_project.settings import get_settings

    settings = get_settings()
    require_metric(parse_metrics(read_rows(settings.policy_dir / "metric_definition.csv")), metric)
    payload = {
        "experiment_id": name,
        "request_id": request,
        "segment_key": segment,
        "region": region,
        "metric_id": metric,
        "basis": basis,
        "start_month": start,
        "end_month": end,
        "expected_effect": effect,
    }
    plan = validated(kind_named("experiment"), payload)
    if plan["end_month"] < plan["start_month"]:
        raise UsageError("An experiment ends after it begins.", f"From {start} to {end}.")
    before = DecisionStore(settings.decisions_url).read("experiment")
    planned = [one.payload for one in before if one.payload["experiment_id"] == name]
    changed = sorted(
        column for one in planned[:1] for column in plan if one[column] != plan[column]
    )
    if set(changed) - {"end_month"}:
        raise UsageError(
            f"Experiment {name} is planned otherwise.",
            f"Another {', '.join(one for one in changed if one != 'end_month')} was agreed upon.",
            "Only its last month can be changed; plan another experiment.",
        )
    take("experiment", name, payload, actor, role, reason, key, json)


def _proposals() -> list[dict[str, Any]]:
    """Proposals of the current release; none without one."""
    from dagster_project.governance.requests.released import open_release
    from dagster_project.settings import get_settings

    with open_release(get_settings()) as released:
        if released.con is None:
            return []
        cursor = released.con.execute("from mart_adjustment_proposal order by proposal_id")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
