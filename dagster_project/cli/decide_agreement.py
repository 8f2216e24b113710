"""`tierline decide agree`, `offer`, `sign`: what functions owe each other, and who has signed it.

Registered beside the other acts of `decide`. What counts as signed and how it is scored is in
``dagster_project/improvement/agreement.py``.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.decide import ActorOption, KeyOption, ReasonOption, RoleOption, take
from dagster_project.cli.decide_breach import app
from dagster_project.cli.output import JsonOption

if TYPE_CHECKING:
    from dagster_project.governance import Decision

NameArgument = Annotated[str, typer.Argument(help="Name of the agreement, e.g. FILL-S1.")]
VersionOption = Annotated[int, typer.Option("--version", help="Version, counting from 1.")]


@app.command()
def agree(
    agreement: NameArgument,
    supplier: Annotated[str, typer.Option(help="Function that owes the service.")],
    customer: Annotated[str, typer.Option(help="Function that is owed it.")],
    metric: Annotated[str, typer.Option(help="Metric of metric_definition.csv.")],
    target: Annotated[str, typer.Option(help="What is owed, in the unit of the metric.")],
    commitment: Annotated[str, typer.Option(help="The commitment in words.")],
    start: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    segment: Annotated[str, typer.Option(help="Segment, e.g. service:S1; * for all.")] = "*",
    basis: Annotated[str, typer.Option(help="REQ, FIRST, LAST, SHIP or NONE.")] = "FIRST",
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD.")] = None,
    excused_by: Annotated[
        str | None, typer.Option(help="Agreement of the other side whose breach excuses this one.")
    ] = None,
    version: VersionOption = 1,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Draft an agreement between two functions; it is scored once both have signed it.

    Example: tierline decide agree FILL-S1 --supplier supply_chain --customer sales --metric
    UNIT_FILL_RATE --target 0.97 --segment service:S1 --commitment "97 % of units" --from 2026-01-01
    --as ola --role supply_chain --reason "plan 2026"
    """
    from dagster_project.errors import UsageError
    from dagster_project.governance.kinds import kind_named, validated
    from dagster_project.improvement.agreement import content_hash
    from dagster_project.metrics.registry import parse_metrics, require_metric
    from dagster_project.schemes.reader import read_rows
    from dagster_project.settings import get_settings

    if supplier == customer:
        raise UsageError(
            "An agreement needs two functions.", f"Both are {supplier}.", "Name the other one."
        )
    registry = parse_metrics(read_rows(get_settings().policy_dir / "metric_definition.csv"))
    require_metric(registry, metric)
    content = {
        "agreement_id": agreement,
        "agreement_version": version,
        "supplier_function": supplier,
        "customer_function": customer,
        "segment_key": segment,
        "metric_id": metric,
        "basis": basis,
        "target": target,
        "commitment": commitment,
        "valid_from": start,
        "valid_to": until,
        "excused_by": excused_by,
    }
    # The hash is of the values as they are kept, so that 0.97 and 0.970 are one content.
    kept = validated(kind_named("internal_agreement"), content | {"content_hash": "-"})
    payload = content | {"content_hash": content_hash(kept)}
    subject = f"{agreement}|{version}"
    take("internal_agreement", subject, payload, actor, role, reason, key, json)


@app.command()
def offer(
    agreement: NameArgument,
    target: Annotated[str, typer.Option(help="Target that is offered.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    p50: Annotated[str | None, typer.Option(help="Median of the last months.")] = None,
    p90: Annotated[str | None, typer.Option(help="What nine of ten months reached.")] = None,
    version: VersionOption = 1,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Offer or counter a target, with what the last months could do.

    Example: tierline decide offer FILL-S1 --target 0.96 --p50 0.965 --p90 0.94 --as sam --role
    sales --reason "we can live with it"
    """
    draft = _draft(agreement, version)
    payload = {
        "agreement_id": agreement,
        "agreement_version": version,
        "offered_target": target,
        "feasible_p50": p50,
        "feasible_p90": p90,
    }
    _require_side(draft, role)
    take("agreement_round", draft.subject, payload, actor, role, reason, key, json)


@app.command()
def sign(
    agreement: NameArgument,
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    version: VersionOption = 1,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Sign the agreement as it was drafted last, in the role of one of its two functions.

    Example: tierline decide sign FILL-S1 --as sam --role sales --reason "agreed"
    """
    draft = _draft(agreement, version)
    _require_side(draft, role)
    payload = {
        "agreement_id": agreement,
        "agreement_version": version,
        "content_hash": draft.payload["content_hash"],
    }
    take("agreement_signature", draft.subject, payload, actor, role, reason, key, json)


def _draft(agreement: str, version: int) -> "Decision":
    """The last draft of a version."""
    from dagster_project.errors import UsageError
    from dagster_project.governance import DecisionStore
    from dagster_project.settings import get_settings

    drafts = DecisionStore(get_settings().decisions_url).read("internal_agreement")
    subject = f"{agreement}|{version}"
    found = [one for one in drafts if one.subject == subject]
    if not found:
        raise UsageError(
            f"There is no agreement {agreement} in version {version}.",
            "Only what was drafted can be offered or signed.",
            "`tierline decide list --kind internal_agreement` names them.",
        )
    return found[-1]


def _require_side(draft: "Decision", role: str) -> None:
    from dagster_project.errors import UsageError

    sides = [draft.payload["supplier_function"], draft.payload["customer_function"]]
    if role not in sides:
        raise UsageError(
            f"{role} is no side of this agreement.",
            f"It is between {' and '.join(sides)}.",
            "Somebody of one of them has to do this.",
        )
