"""A home of its own for scenarios that judge a company as a whole, such as its whale curve."""

from pathlib import Path
from typing import Any

import duckdb

from dagster_project.ingestion import land
from dagster_project.settings import Settings
from dagster_project.warehouse.build import build

from .world import AS_OF, Row, World

COMPANY = "1000"
PERIOD = "2025-03"
"""The calendar month in which such a company sells; it keeps no fiscal calendar."""


def sale(world: World, customer: str, posted: str = "2025-03-31", **line: Any) -> None:
    """Add one order of a customer, shipped in March; ``line`` is its invoice line."""
    order = f"O-{customer}"
    qty = line.setdefault("qty", 1)
    world.order(order, sold_to_customer_id=customer)
    world.line(order, qty=qty)
    world.ship(f"S-{customer}", order, qty=qty)
    world.invoice(
        f"I-{customer}", {"order": order, **line}, sold_to_customer_id=customer, posting_date=posted
    )


def activity_cost(world: World, customer: str, activity: str, amount: Any, **values: Any) -> None:
    """Add what finance states that an activity cost for a customer in March."""
    row: Row = {
        "company_code": COMPANY,
        "customer_id": customer,
        "fiscal_period_id": PERIOD,
        "activity_code": activity,
        "amount": amount,
        "currency": "EUR",
    }
    world.row("finance.customer_activity_cost", **(row | values))


def settings_of(root: Path, as_of: str = AS_OF) -> Settings:
    return Settings(home=root / "home", as_of=as_of, group_currency="EUR")


def built(world: World, root: Path) -> Settings:
    """Land the world's rows below ``root`` and build the marts from them."""
    world.write(root / "extracts")
    settings = settings_of(root)
    land(settings, from_dir=root / "extracts")
    made(settings)
    return settings


def made(settings: Settings, full: bool = False) -> bool:
    """Build; return whether everything was made anew."""
    result = build(settings, full=full)
    assert result.ok, [f"{one.name}: {one.message}" for one in result.failures]
    return result.full


def ask(settings: Settings, query: str) -> list[Row]:
    """Run a query on the work file and return its rows."""
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        cursor = con.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
