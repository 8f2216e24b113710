"""`tierline decide cause`: somebody knows better than the rules why a line was not kept.

Registered beside the other acts of `decide`. What the rules found stays beside it in
`fct_failure_cause`.
"""

from typing import Annotated

import typer

from dagster_project.cli.decide import ActorOption, KeyOption, ReasonOption, RoleOption, take
from dagster_project.cli.decide_dispute import app
from dagster_project.cli.output import JsonOption


@app.command()
def cause(
    order_id: Annotated[str, typer.Argument(help="Order.")],
    line_no: Annotated[int, typer.Argument(help="Line.")],
    is_cause: Annotated[str, typer.Option("--is", help="Cause, one of failure_cause.csv.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    schedule: Annotated[int, typer.Option(help="Schedule line.")] = 1,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Say why a line was not kept; the cause that the rules found stays beside it.

    Example: tierline decide cause SO-1 10 --is CREDIT_HOLD --as ola --role sales
    --reason "released on Friday by phone"
    """
    from dagster_project.errors import UsageError
    from dagster_project.schemes.lint_table import read_table
    from dagster_project.settings import get_settings

    path = get_settings().policy_dir / "failure_cause.csv"
    known = sorted({row["cause_code"] for row in read_table(path).rows})
    if is_cause not in known:
        raise UsageError(
            f"There is no cause {is_cause}.",
            f"{path.name}, column cause_code, does not name it.",
            f"Use one of {', '.join(known)}.",
        )
    payload = {
        "order_id": order_id,
        "line_no": line_no,
        "schedule_no": schedule,
        "cause_code": is_cause,
    }
    subject = f"{order_id}|{line_no}|{schedule}"
    take("failure_cause_override", subject, payload, actor, role, reason, key, json)
