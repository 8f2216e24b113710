"""`tierline decide dispute` and `settle`: two parties do not agree on a figure of a segment.

Registered beside the other acts of `decide`. How a dispute marks the figure belongs in the model
`mart_dispute`.
"""

from typing import Annotated

import typer

from dagster_project.cli.decide import ActorOption, KeyOption, ReasonOption, RoleOption, take
from dagster_project.cli.decide_signoff import app
from dagster_project.cli.output import JsonOption


@app.command()
def dispute(
    dispute_id: Annotated[str, typer.Argument(help="Name of the dispute, e.g. D-7.")],
    metric: Annotated[str, typer.Option(help="Figure, a column of mart_segment_kpi_monthly.")],
    segment: Annotated[str, typer.Option(help="Segment, e.g. service:S1.")],
    month: Annotated[str, typer.Option(help="First day of the month, YYYY-MM-DD.")],
    own: Annotated[str, typer.Option(help="The figure as the actor sees it.")],
    other: Annotated[str, typer.Option(help="The figure as the other party sees it.")],
    party: Annotated[str, typer.Option("--with", help="The other party.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Dispute a figure; it is marked contested, with both values, until it is settled.

    Example: tierline decide dispute D-7 --metric otif_first --segment service:S1 --month 2026-05-01
    --own 0.94 --other 0.88 --with sales --as ola --role segment_owner --reason "strike days"
    """
    from dagster_project.errors import UsageError

    if dispute_id in _known():
        raise UsageError(
            f"There is a dispute {dispute_id} already.",
            "A name stands for one dispute.",
            "Use a new name; `tierline decide list --kind dispute` shows those taken.",
        )
    payload = {
        "dispute_id": dispute_id,
        "metric_id": metric,
        "segment_key": segment,
        "activity_month": month,
        "other_party": party,
        "own_value": own,
        "other_value": other,
    }
    take("dispute", dispute_id, payload, actor, role, reason, key, json)


@app.command()
def settle(
    dispute_id: Annotated[str, typer.Argument(help="Name of the dispute.")],
    value: Annotated[str, typer.Option(help="The figure that both accept.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Settle a dispute; the figure is no longer contested.

    Example: tierline decide settle D-7 --value 0.91 --as cora --role committee --reason "half"
    """
    from dagster_project.errors import UsageError

    if dispute_id not in _known():
        raise UsageError(
            f"There is no dispute {dispute_id}.",
            "Only what was disputed can be settled.",
            "`tierline decide list --kind dispute` names them.",
        )
    payload = {"dispute_id": dispute_id, "settled_value": value}
    take("dispute_settlement", dispute_id, payload, actor, role, reason, key, json)


def _known() -> set[str]:
    from dagster_project.governance import DecisionStore
    from dagster_project.settings import get_settings

    taken = DecisionStore(get_settings().decisions_url).read("dispute")
    return {one.payload["dispute_id"] for one in taken}
