"""Why stock had run out becomes known after the line failed: the next update says so.

Two lines were short of stock in March. In June the purchase order for one of the articles arrives
in the warehouse's systems: its supplier was late.
"""

import pytest

from dagster_project.ingestion import land

from .small_company import ask, made, sale, settings_of
from .world import EXTRACTED_AT, World, write_batch

pytestmark = pytest.mark.further

BEFORE, AFTER = "2025-06-30", "2025-07-01"
CAUSES = "select * from marts.fct_failure_cause order by all"


def company() -> World:
    """What is known on the first day."""
    world = World()
    sale(world, "BUYS", net=100)
    world.site("DC", site_type="DC")
    for order, article in (("O-LATE", "P-LATE"), ("O-LOW", "P-LOW")):
        world.product(article, family="bolts")
        world.order(order)
        world.line(order, due="2025-03-12T15:00:00Z", product_id=article, ship_from_site_id="DC")
        world.ship(
            f"S-{order}",
            order,
            qty=60,
            delivered="2025-03-12T10:00:00Z",
            departed="2025-03-11T09:00:00Z",
            product_id=article,
            short_qty=40,
            short_reason="STOCKOUT",
        )
    return world


def day_after() -> World:
    """An overdue purchase order that nobody had sent before."""
    world = World()
    world.row("erp.purchase_order", po_id="PO", supplier_id="V", currency="EUR")
    world.row(
        "erp.purchase_order_line",
        po_id="PO",
        line_no=1,
        product_id="P-LATE",
        to_site_id="DC",
        ordered_qty=100,
        uom="EA",
        promised_date="2025-03-10",
        first_promised_date="2025-03-10",
    )
    return world


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Causes after the first day, after the update of the second, and after a full rebuild."""
    root = tmp_path_factory.mktemp("stock")
    company().write(root / "first")
    window = {"window_from": EXTRACTED_AT, "window_to": "2025-07-02T04:00:00Z"}
    for (system, feed), rows in day_after().rows.items():
        batch = [row | {"_op": "U"} for row in rows]
        extracted = {"extracted_at": window["window_to"]}
        write_batch(
            root / "later",
            system,
            feed,
            f"{feed}-later",
            batch,
            mode="DELTA",
            **extracted,
            **window,
        )
    settings = settings_of(root, BEFORE)
    land(settings, from_dir=root / "first")
    made(settings)
    found = {"first": ask(settings, CAUSES)}
    settings = settings_of(root, AFTER)
    land(settings, from_dir=root / "later")
    assert not made(settings)
    found["updated"] = ask(settings, CAUSES)
    assert made(settings, full=True)
    return found | {"anew": ask(settings, CAUSES)}


def test_the_supplier_is_named_once_it_is_known(days):
    causes = {
        when: {row["order_id"]: row["cause_code"] for row in days[when]}
        for when in ("first", "updated")
    }
    assert causes["first"] == {"O-LATE": "STOCK_TOO_LOW", "O-LOW": "STOCK_TOO_LOW"}
    assert causes["updated"] == {"O-LATE": "SUPPLIER_LATE", "O-LOW": "STOCK_TOO_LOW"}


def test_an_update_equals_a_full_rebuild(days):
    assert days["updated"] == days["anew"]
