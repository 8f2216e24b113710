"""`tierline decide signoff`: a function agrees to a version of a scheme, or does not.

Registered after the other acts of `decide`. Which schemes need it is policy
(`seeds/policy/scheme_purpose.csv`); what it holds up is in `dagster_project/schemes/signoff.py`.
"""

from typing import Annotated

import typer

from dagster_project.cli.decide import ActorOption, KeyOption, ReasonOption, RoleOption, take
from dagster_project.cli.decide_requests import app
from dagster_project.cli.output import JsonOption


@app.command()
def signoff(
    scheme: Annotated[str, typer.Argument(help="Scheme of scheme_purpose.csv.")],
    scheme_version: Annotated[str, typer.Option(help="Version that was looked at.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    reject: Annotated[bool, typer.Option("--reject", help="Do not agree.")] = False,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Agree to a version of a scheme as supply_chain, sales or finance; the newest word counts.

    Example: tierline decide signoff service --scheme-version 2 --as anna --role sales
    --reason "fits the 2026 contracts"
    """
    from dagster_project.errors import UsageError
    from dagster_project.schemes.policy import parse_purposes
    from dagster_project.schemes.reader import read_rows
    from dagster_project.settings import get_settings

    known = parse_purposes(read_rows(get_settings().policy_dir / "scheme_purpose.csv"))
    names = {one.scheme_id: one.version for one in known}
    if names.get(scheme) != scheme_version:
        versions = ", ".join(f"{name} version {version}" for name, version in names.items())
        raise UsageError(
            f"There is no scheme {scheme} in version {scheme_version}.",
            f"scheme_purpose.csv has {versions}.",
            "Sign what stands in the policy; write the new version there first.",
        )
    payload = {
        "scheme_id": scheme,
        "scheme_version": scheme_version,
        "verdict": "reject" if reject else "approve",
    }
    subject = f"{scheme}|{scheme_version}"
    take("alignment_signoff", subject, payload, actor, role, reason, key, json)
