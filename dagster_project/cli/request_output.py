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
    names = ["Entity", "Now", "Asked", "Steps", "Revenue 12 months", "At risk"]
    names += ["Open orders", "Promised", "OTIF promise", "Floor"]
    rows = []
    for one in impacts:
        facts = one.facts
        revenue = facts.revenue_null_reason or f"{facts.revenue_12_months:,.2f}"
        floor = one.floor_null_reason or one.contract_floor or "none"
        move = (facts.segment_code, one.proposed_segment, one.steps)
        risk = "" if one.revenue_at_risk is None else f"{one.revenue_at_risk:,.2f}"
        shares = (one.otif_before, one.otif_after)
        promise = " to ".join("none" if share is None else f"{share:.1%}" for share in shares)
        orders = (facts.open_orders, facts.promised_orders, promise)
        rows.append((facts.entity_id, *move, revenue, risk, *orders, floor))
    console.print(table("Impact", names, rows))
    for one in impacts:
        if one.has_floor_conflict:
            entity, to = one.facts.entity_id, one.proposed_segment
            promised = (one.contract_floor, one.contract_id, one.contract_end_date)
            console.print(f"[red]{broken_floor(entity, to, *promised)}[/]", soft_wrap=True)


def broken_floor(entity: str, to: str, floor: object, contract: object, end: object) -> str:
    """Say that a request goes below what a contract promises, and what follows."""
    until = f"until {end}" if end else "until somebody ends it"
    return (
        f"VIOLATION: {entity} to {to} is below {floor}, which contract {contract} promises {until}."
        f" Whatever is approved, {entity} stays in {floor} while the contract holds."
    )


def show_broken(console: "Console", requests: "list[Request]") -> None:
    """Print which of some requests go below what a contract promises."""
    for one in requests:
        if one.breaks_contract:
            floor = (one.contract_floor, one.contract_id, one.contract_end_date)
            said = broken_floor(one.entity_id, one.to_segment, *floor)
            console.print(f"[red]{one.request_id}: {said}[/]", soft_wrap=True)
