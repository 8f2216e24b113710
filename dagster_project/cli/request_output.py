"""How requests and what they touch are shown; shared by the commands about requests."""

from typing import TYPE_CHECKING, Any

from dagster_project.cli.output import table

if TYPE_CHECKING:
    from rich.console import Console

    from dagster_project.governance.requests.fold import Request
    from dagster_project.governance.requests.impact import Impact


def plain(one: "Request") -> dict[str, Any]:
    """Return a request with its state now, as JSON has it."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    said = {"state": str(one.state(now)), "holds": one.holds(now)}
    return asdict(one) | said | {"roles_missing": list(one.roles_missing)}


def impact_as_dict(one: "Impact") -> dict[str, Any]:
    """Return an impact as JSON has it."""
    from dataclasses import asdict

    return asdict(one)


def show_impacts(console: "Console", impacts: "list[Impact]") -> None:
    """Print what requests touch, one row per entity."""
    if not impacts:
        console.print("There is no release: what the request touches is not known.")
        return
    names = ["Entity", "Now", "Asked", "Steps", "Revenue 12 months", "Open orders", "Floor"]
    rows = []
    for one in impacts:
        facts = one.facts
        revenue = facts.revenue_null_reason or f"{facts.revenue_12_months:,.2f}"
        floor = one.floor_null_reason or f"{one.contract_floor}"
        floor += ": broken" if one.has_floor_conflict else ""
        move = (facts.segment_code, one.proposed_segment, one.steps)
        rows.append((facts.entity_id, *move, revenue, facts.open_orders, floor))
    console.print(table("Impact", names, rows))
