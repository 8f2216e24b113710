"""`tierline decide proposals`: which moves of rules wait for people, and for whom.

They are approved and rejected like requests: `tierline decide approve PROPOSAL`.
"""

from typing import TYPE_CHECKING, Any

from dagster_project.cli.decide import app
from dagster_project.cli.output import JsonOption, emit, table

if TYPE_CHECKING:
    from rich.console import Console


@app.command()
def proposals(json: JsonOption = False) -> None:
    """List moves that rules propose and nobody has decided yet, with the roles that are missing.

    Example: tierline decide proposals
    """
    from dagster_project.governance import DecisionStore
    from dagster_project.governance.requests import fold
    from dagster_project.governance.requests import released as marts
    from dagster_project.governance.requests.rule_proposals import waiting_in
    from dagster_project.settings import get_settings

    settings = get_settings()
    with marts.open_release(settings) as released:
        waiting = waiting_in(released.con)
    log = fold(DecisionStore(settings.decisions_url).read())
    found: list[dict[str, Any]] = []
    for one in waiting:
        request = log.requests.get(one.request_id)
        if request is not None and (request.ended or not request.roles_missing):
            # Decided since the release; the next build lets it count.
            continue
        missing = request.roles_missing if request else one.roles
        found.append(
            {
                "proposal_id": one.proposal_id,
                "entity_id": one.entity_id,
                "from": one.from_segment,
                "to": one.to_segment,
                "rule_id": one.rule_id,
                "waiting_since": one.waiting_since,
                "roles_missing": list(missing),
                "reason": one.reason,
            }
        )

    def show(console: "Console") -> None:
        names = ["Proposal", "Customer", "From", "To", "Rule", "Since", "Missing", "Why"]
        rows = [
            [*list(row.values())[:6], ", ".join(row["roles_missing"]), row["reason"]]
            for row in found
        ]
        console.print(table("Proposals of rules that wait", names, rows))

    emit(found, json, show)
