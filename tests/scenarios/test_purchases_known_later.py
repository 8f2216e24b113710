"""What purchases cost, and when they came, is brought up to date by purchase order.

Each order below differs a day later in one thing that its rows are made from.
"""

import pytest

from dagster_project.ingestion import land

from .small_company import ask, made, sale, settings_of
from .world import EXTRACTED_AT, World, write_batch

pytestmark = pytest.mark.further

BEFORE, AFTER = "2025-06-30", "2025-07-01"
NEXT_DAY = {"window_from": EXTRACTED_AT, "window_to": "2025-07-02T04:00:00Z"}
RATE_DAY = "2025-04-15"
TABLES = ("intermediate.int_profit__landed_cost", "intermediate.int_service__purchase_event")
ORDERS = (
    "STAYS",
    "MOVED",
    "CANCELLED",
    "CHARGED",
    "CONVERTED",
    "RATED",
    "SUPPLIED",
    "RECEIVED",
    "QUIET",
)


def _order(world: World, name: str, **line) -> None:
    """Add an order of ten boxes, for an article of its own."""
    world.product(f"P-{name}", family="bolts")
    currency = "USD" if name == "RATED" else "EUR"
    world.row("erp.purchase_order", po_id=name, supplier_id=f"V-{name}", currency=currency)
    world.row("erp.supplier", supplier_id=f"V-{name}", name=name, country="CN")
    world.row(
        "erp.purchase_order_line",
        po_id=name,
        line_no=1,
        product_id=f"P-{name}",
        to_site_id="DC",
        ordered_qty=10,
        uom="BX",
        unit_price=40,
        promised_date="2025-03-10",
        **line,
    )
    _conversion(world, name, 4)


def _conversion(world: World, name: str, factor: int) -> None:
    product = f"P-{name}"
    world.row(
        "erp.uom_conversion", product_id=product, from_uom="BX", to_uom="EA", factor=str(factor)
    )


def _receipt(world: World, name: str, order: str, qty: int = 10) -> None:
    day = RATE_DAY if name == "RATED" else "2025-03-12"
    received = {"line_no": 1, "received_at": f"{day}T08:00:00Z", "received_qty": qty}
    world.row("erp.receipt", receipt_id=f"R-{name}", po_id=order, **received)


def _rate(world: World, rate: str) -> None:
    pair = {"from_currency": "USD", "to_currency": "EUR", "rate_type": "M"}
    world.row("erp.fx_rate", **pair, rate_date=RATE_DAY, rate=rate)


def company() -> World:
    """What is known on the first day."""
    world = World()
    sale(world, "BUYS", net=100)
    world.site("DC", site_type="DC")
    for name in ORDERS:
        _order(world, name)
        if name != "RECEIVED":
            _receipt(world, name, name)
    _rate(world, "0.90")
    return world


def day_after() -> World:
    """One thing of each order but STAYS, which gets a receipt of MOVED, and QUIET."""
    world = World()
    _receipt(world, "MOVED", "STAYS", qty=3)
    line = {"po_id": "CANCELLED", "line_no": 1, "product_id": "P-CANCELLED", "to_site_id": "DC"}
    line |= {"ordered_qty": 10, "uom": "BX", "unit_price": 40, "status": "CANCELLED"}
    world.row("erp.purchase_order_line", **line)
    world.row(
        "erp.item_cost",
        product_id="P-CHARGED",
        site_id="DC",
        cost_type="FREIGHT_IN",
        valid_from="2025-01-01",
        amount="0.5",
        currency="EUR",
        per_uom="EA",
    )
    _conversion(world, "CONVERTED", 8)
    _rate(world, "0.80")
    world.row("erp.supplier", supplier_id="V-SUPPLIED", name="x", country="VN")
    _receipt(world, "RECEIVED", "RECEIVED")
    return world


def contents(settings):
    return {table: ask(settings, f"select * from {table} order by all") for table in TABLES}


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Both tables after the first day, after the update of the second, and after a full rebuild."""
    root = tmp_path_factory.mktemp("purchases")
    company().write(root / "first")
    for (system, feed), rows in day_after().rows.items():
        write_batch(
            root / "later",
            system,
            feed,
            f"{feed}-later",
            [row | {"_op": "U"} for row in rows],
            mode="DELTA",
            extracted_at=NEXT_DAY["window_to"],
            **NEXT_DAY,
        )
    settings = settings_of(root, BEFORE)
    land(settings, from_dir=root / "first")
    made(settings)
    first = contents(settings)
    settings = settings_of(root, AFTER)
    land(settings, from_dir=root / "later")
    assert not made(settings)
    touched = ask(settings, "select po_id from intermediate.int_touched__purchase_order order by 1")
    updated = contents(settings)
    assert made(settings, full=True)
    return {
        "first": first,
        "updated": updated,
        "anew": contents(settings),
        "touched": {row["po_id"] for row in touched},
    }


@pytest.mark.parametrize("table", TABLES)
def test_an_update_equals_a_full_rebuild(days, table):
    assert days["updated"][table] == days["anew"][table]
    assert days["updated"][table] != days["first"][table]


def test_every_change_is_seen_and_nothing_else_is_made_anew(days):
    assert days["touched"] == set(ORDERS) - {"QUIET"}
    landed = {
        when: {row["receipt_id"]: row for row in days[when][TABLES[0]]}
        for when in ("first", "updated")
    }
    cost = {
        when: {name: row["landed_unit_cost_group"] for name, row in rows.items()}
        for when, rows in landed.items()
    }
    assert (cost["first"]["R-CHARGED"], cost["updated"]["R-CHARGED"]) == (10, 10.5)
    assert (cost["first"]["R-CONVERTED"], cost["updated"]["R-CONVERTED"]) == (10, 5)
    assert (cost["first"]["R-RATED"], cost["updated"]["R-RATED"]) == (9, 8)
    assert landed["updated"]["R-SUPPLIED"]["supplier_country"] == "VN"
    assert (landed["first"]["R-MOVED"]["po_id"], landed["updated"]["R-MOVED"]["po_id"]) == (
        "MOVED",
        "STAYS",
    )


def test_a_receipt_leaves_the_order_that_it_was_for(days):
    events = [row for row in days["updated"][TABLES[1]] if row["event_kind"] == "RECEIPT"]
    assert {row["po_id"] for row in events if row["event_id"] == "R-MOVED"} == {"STAYS"}
    assert not [row for row in days["updated"][TABLES[1]] if row["po_id"] == "CANCELLED"]
