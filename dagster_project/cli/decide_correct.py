"""`tierline decide correct`: somebody plans, starts, verifies or closes a corrective action.

Registered beside the other acts of `decide`. What opens an action and when it helped is in
``dagster_project/improvement/corrective.py``.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.decide import ActorOption, KeyOption, ReasonOption, RoleOption, take
from dagster_project.cli.decide_agreement import app
from dagster_project.cli.output import JsonOption

if TYPE_CHECKING:
    from dagster_project.governance import Decision

NEEDED = {
    "plan": ("owner", "root_cause", "due", "effective"),
    "start": (),
    "verify": ("evidence",),
    "close": ("evidence",),
}
"""What each act has to say; nothing is closed without evidence."""
AFTER = {"plan": (), "start": ("plan",), "verify": ("plan",), "close": ("plan",)}


@app.command()
def correct(
    act: Annotated[str, typer.Argument(help="plan, start, verify or close.")],
    action_id: Annotated[str, typer.Argument(help="Action, e.g. 'service:S1|OTIF|1'.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    owner: Annotated[str | None, typer.Option(help="Who answers for it.")] = None,
    root_cause: Annotated[str | None, typer.Option(help="Cause that it removes.")] = None,
    due: Annotated[str | None, typer.Option(help="Day by which it is done, YYYY-MM-DD.")] = None,
    effective: Annotated[
        str | None, typer.Option(help="First month in which it should show, YYYY-MM-01.")
    ] = None,
    effect: Annotated[str | None, typer.Option(help="Change of the metric expected.")] = None,
    budget: Annotated[str | None, typer.Option(help="Budget in group currency.")] = None,
    evidence: Annotated[str | None, typer.Option(help="Where it can be seen.")] = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Plan, start, verify or close a corrective action that the build has opened.

    Example: tierline decide correct plan "service:S1|OTIF|1" --owner ola --root-cause "one carrier"
    --due 2026-06-30 --effective 2026-07-01 --as ola --role supply_chain --reason "tender"
    """
    from dagster_project.errors import UsageError
    from dagster_project.governance.kinds import kind_named, validated

    payload = {
        "action_id": action_id,
        "act": act,
        "owner": owner,
        "root_cause": root_cause,
        "due_date": due,
        "effective_month": effective,
        "expected_effect": effect,
        "budget_group": budget,
        "evidence": evidence,
    }
    validated(kind_named("corrective_act"), payload)
    said = {"owner": owner, "root_cause": root_cause, "due": due, "effective": effective}
    said |= {"evidence": evidence}
    missing = [name for name in NEEDED[act] if not said[name]]
    if missing:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise UsageError(
            f"Action {action_id} cannot be taken on like this.",
            f"'{act}' does not say {' and '.join(missing)}.",
            f"Add {options}.",
        )
    before = [one.payload["act"] for one in _taken(action_id)]
    if "close" in before or any(one not in before for one in AFTER[act]):
        raise UsageError(
            f"Action {action_id} cannot be taken on like this.",
            "It is closed." if "close" in before else "It was not planned.",
            "One that did not help is opened again by the build, under the next number."
            if "close" in before
            else "Plan it first: `tierline decide correct plan`.",
        )
    take("corrective_act", action_id, payload, actor, role, reason, key, json)


def _taken(action_id: str) -> "list[Decision]":
    from dagster_project.governance import DecisionStore
    from dagster_project.settings import get_settings

    taken = DecisionStore(get_settings().decisions_url).read("corrective_act")
    return [one for one in taken if one.payload["action_id"] == action_id]
