"""E23: ordered in cases, shipped in pieces; compared in base units."""


def given(world):
    world.product("E23-P", base_uom="EA")
    world.product("E23-CASES", base_uom="CS")
    world.row(
        "erp.uom_conversion",
        product_id="E23-P",
        from_uom="CS",
        to_uom="EA",
        factor=12,
        valid_from="2025-01-01",
    )
    world.row(
        "erp.uom_conversion",
        product_id="E23-CASES",
        from_uom="CS",
        to_uom="EA",
        factor=7,
        valid_from="2025-01-01",
    )
    world.order("E23")
    world.line("E23", qty=10, uom="CS", product_id="E23-P")
    world.ship("E23-S", "E23", qty=120, product_id="E23-P")
    world.order("E23-BACK")
    world.line("E23-BACK", qty=3000, uom="CS", product_id="E23-CASES")
    world.ship("E23-BS", "E23-BACK", qty=21000, product_id="E23-CASES")
    world.order("E23-UNKNOWN")
    world.line("E23-UNKNOWN", qty=10, uom="PAL", product_id="E23-P")
    world.ship("E23-US", "E23", qty=1, uom="PAL", product_id="E23-P")


def test_ten_cases_are_a_hundred_and_twenty_pieces(service):
    line = service("E23")
    assert line["countable_base_qty"] == 120
    assert line["delivered_base_qty"] == 120
    assert line["is_in_full_first"] is True


def test_a_rounded_factor_does_not_make_a_line_short(service):
    line = service("E23-BACK")
    assert line["countable_base_qty"] == 3000
    assert line["is_in_full_first"] is True


def test_a_unit_without_conversion_is_set_aside_with_its_reason(ask):
    orders = ask(
        "select reason, detail from intermediate.int_order__line_rejected"
        " where order_id = 'E23-UNKNOWN'"
    )
    shipments = ask(
        "select reason from intermediate.int_shipment__line_rejected where shipment_id = 'E23-US'"
    )
    assert orders == [
        {
            "reason": "unit_without_conversion",
            "detail": "No conversion of PAL for product E23-P",
        }
    ]
    assert shipments == [{"reason": "unit_without_conversion"}]
