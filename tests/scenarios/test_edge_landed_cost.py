"""An import: 2,000 pieces for 8,000, freight 1,200, insurance 100, duty 4 %, brokerage 120.

100 pieces are sold at a booked cost of 450, and 100 more were sold before anything was received.
"""

import pytest

CHARGES = {"FREIGHT_IN": "0.6", "INSURANCE": "0.05", "BROKERAGE": "0.06"}


def given(world):
    world.product("LANDED-P")
    world.site("LANDED-DC", site_type="DC")
    world.row("erp.supplier", supplier_id="LANDED-V", country="CN")
    world.row("erp.purchase_order", po_id="LANDED-PO", supplier_id="LANDED-V", currency="EUR")
    world.row(
        "erp.purchase_order_line",
        po_id="LANDED-PO",
        line_no=1,
        product_id="LANDED-P",
        to_site_id="LANDED-DC",
        ordered_qty=2000,
        uom="EA",
        unit_price=4,
    )
    world.row(
        "erp.receipt",
        receipt_id="LANDED-R",
        po_id="LANDED-PO",
        line_no=1,
        received_at="2025-03-03T10:00:00Z",
        received_qty=2000,
    )
    common = {
        "product_id": "LANDED-P",
        "site_id": "LANDED-DC",
        "valid_from": "2025-01-01",
        "currency": "EUR",
        "per_uom": "EA",
    }
    for cost_type, amount in CHARGES.items():
        world.row("erp.item_cost", cost_type=cost_type, amount=amount, **common)
    world.row("erp.item_cost", cost_type="DUTY", amount=0, duty_rate="0.04", **common)
    sold = {"qty": 100, "net": 480, "cogs_std_amount": 450, "product_id": "LANDED-P"}
    for order, posted in (("LANDED", "2025-03-31"), ("LANDED-EARLY", "2025-02-28")):
        world.order(order)
        world.line(order, qty=100, product_id="LANDED-P")
        world.ship(f"{order}-S", order, qty=100, product_id="LANDED-P")
        world.rows["wms", "shipment"][-1]["from_site_id"] = "LANDED-DC"
        world.invoice(f"{order}-I", {"order": order, **sold}, posting_date=posted)


def test_a_piece_costs_at_the_door_what_the_published_example_says(ask):
    [row] = ask("select * from marts.mart_landed_cost where product_id = 'LANDED-P'")
    assert row["landed_unit_cost_group"] == pytest.approx(4.896)
    assert row["duty_cost_group"] == pytest.approx(0.186)
    assert row["landed_unit_cost_group"] * 2000 == pytest.approx(9_792.00)
    assert (row["receipts_count"], row["landed_receipts_count"]) == (1, 1)
    assert float(row["average_unit_cost_group"]) == pytest.approx(4.896)


def pnl(ask, customer):
    [row] = ask(f"select * from marts.fct_customer_pnl where entity_id = '{customer}'")
    return row


def test_what_is_sold_after_the_receipt_costs_what_it_cost_at_the_door(ask):
    row = pnl(ask, "C-LANDED")
    assert float(row["landed_cogs_amount_group"]) == pytest.approx(100 * 4.896)
    assert row["landed_part_cost_group"] == row["landed_cogs_amount_group"]
    assert (row["costed_lines_count"], row["landed_lines_count"]) == (1, 1)
    assert row["cogs_basis"] == "landed cost"
    assert float(row["gross_profit_group"]) == pytest.approx(480 - 489.60)
    assert row["below_cost_lines_count"] == 1


def test_booked_cost_stays_for_the_ledger(ask):
    assert pnl(ask, "C-LANDED")["cogs_amount_group"] == 450


def test_what_was_sold_before_any_receipt_is_at_standard_cost(ask):
    row = pnl(ask, "C-LANDED-EARLY")
    assert row["landed_cogs_amount_group"] == 450
    assert row["landed_part_cost_group"] == 0
    assert row["cogs_basis"] == "standard cost stated on the invoice line"
