"""An import: 2,000 pieces for 8,000, freight 1,200, insurance 100, duty 4 %, brokerage 120."""

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


def test_a_piece_costs_at_the_door_what_the_published_example_says(ask):
    [row] = ask("select * from marts.mart_landed_cost where product_id = 'LANDED-P'")
    assert row["landed_unit_cost_group"] == pytest.approx(4.896)
    assert row["duty_cost_group"] == pytest.approx(0.186)
    assert row["landed_unit_cost_group"] * 2000 == pytest.approx(9_792.00)
    assert (row["receipts_count"], row["landed_receipts_count"]) == (1, 1)
