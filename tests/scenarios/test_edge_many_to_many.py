"""Two order lines leave in two shipments and are billed by two invoices, none fitting another.

Line 1 over 100 leaves as 60 and 40, line 2 over 50 as 20 and 30. The first invoice bills 70 of line
1 and 50 of line 2, the second the other 30 of line 1. Neither says which shipment it is for.
"""

from decimal import Decimal

ORDER = "MANY"


def given(world):
    world.order(ORDER)
    world.line(ORDER, qty=100)
    world.line(ORDER, qty=50, line_no=2)
    for shipment, day, first, second in (("MANY-S1", 8, 60, 20), ("MANY-S2", 9, 40, 30)):
        world.ship(shipment, ORDER, qty=first, departed=f"2025-03-0{day}T09:00:00Z")
        world.row(
            "wms.shipment_line",
            shipment_id=shipment,
            line_no=2,
            order_id=ORDER,
            order_line_no=2,
            product_id="P-ANY",
            shipped_qty=second,
            uom="EA",
        )
    world.invoice(
        "MANY-I1",
        {"order": ORDER, "qty": 70, "net": Decimal("700.0100")},
        {"order": ORDER, "qty": 50, "net": Decimal("333.3400"), "order_line_no": 2},
        posting_date="2025-03-11",
    )
    world.invoice("MANY-I2", {"order": ORDER, "qty": 30, "net": 300}, posting_date="2025-03-12")


def test_each_invoice_is_cut_along_the_shipments(ask):
    rows = ask(
        "select line_no, invoice_id, shipment_id, cast(invoiced_base_qty as int) as qty"
        f" from intermediate.int_document__flow where order_id = '{ORDER}' and step = 'INVOICED'"
        " order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        (1, "MANY-I1", "MANY-S1", 60),
        (1, "MANY-I1", "MANY-S2", 10),
        (1, "MANY-I2", "MANY-S2", 30),
        (2, "MANY-I1", "MANY-S1", 20),
        (2, "MANY-I1", "MANY-S2", 30),
    ]


def test_the_cut_amounts_make_the_invoice_lines_to_the_last_digit(ask):
    rows = ask(
        "select invoice_id, line_no, sum(net_amount_group) as net"
        f" from intermediate.int_document__flow where order_id = '{ORDER}' and step = 'INVOICED'"
        " group by all order by all"
    )
    assert [row["net"] for row in rows] == [
        Decimal("700.0100"),
        Decimal("333.3400"),
        Decimal("300.0000"),
    ]


def test_no_quantity_stands_in_two_rows(ask):
    [row] = ask(
        "select cast(sum(ordered_base_qty) as int) as ordered,"
        " cast(sum(shipped_base_qty) as int) as shipped,"
        " cast(sum(invoiced_base_qty) as int) as invoiced"
        f" from intermediate.int_document__flow where order_id = '{ORDER}'"
    )
    assert row == {"ordered": 150, "shipped": 150, "invoiced": 150}


def test_the_chains_of_all_documents_carry_what_the_facts_carry(ask):
    [flow] = ask(
        "select sum(ordered_base_qty) as ordered, sum(shipped_base_qty) as shipped,"
        " sum(invoiced_base_qty) as invoiced, sum(net_amount_group) as net"
        " from intermediate.int_document__flow"
    )
    [facts] = ask(
        "select (select sum(ordered_base_qty) from marts.fct_order_line) as ordered,"
        " (select sum(shipped_base_qty) from marts.fct_shipment_line) as shipped,"
        " sum(invoiced_base_qty) as invoiced, sum(net_amount_group) as net"
        " from marts.fct_invoice_line"
    )
    assert flow == facts
