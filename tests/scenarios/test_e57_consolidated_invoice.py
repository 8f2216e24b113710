"""E57: one invoice for three orders, and a credit for one of them."""


def given(world):
    for number in (1, 2, 3):
        order = f"E57-{number}"
        world.order(order, sold_to_customer_id="E57-C")
        world.line(order, qty=10 * number)
        world.ship(f"{order}-S", order, qty=10 * number)
    header = {"sold_to_customer_id": "E57-C", "posting_date": "2025-03-31"}
    world.row("erp.invoice", invoice_id="E57-I", invoice_type="INVOICE", net_amount=600, **header)
    world.row(
        "erp.invoice",
        invoice_id="E57-CR",
        invoice_type="CREDIT",
        ref_invoice_id="E57-I",
        net_amount=-50,
        **header,
    )
    for number, invoice, qty in ((1, "E57-I", 10), (2, "E57-I", 20), (3, "E57-I", 30)):
        _invoice_line(world, invoice, number, f"E57-{number}", qty)
    _invoice_line(world, "E57-CR", 1, "E57-2", -5)


def _invoice_line(world, invoice, line_no, order, qty):
    world.row(
        "erp.invoice_line",
        invoice_id=invoice,
        line_no=line_no,
        order_id=order,
        order_line_no=1,
        shipment_id=f"{order}-S",
        shipment_line_no=1,
        product_id="P-ANY",
        invoiced_qty=qty,
        uom="EA",
        gross_amount=10 * qty,
        discount_amount=0,
        net_amount=10 * qty,
    )


def test_the_flow_splits_the_invoice_by_order_line(ask):
    rows = ask(
        "select order_id,"
        " cast(sum(shipped_base_qty) as int) as shipped,"
        " cast(sum(invoiced_base_qty) filter (where step = 'INVOICED') as int) as invoiced,"
        " cast(sum(invoiced_base_qty) filter (where step = 'CREDITED') as int) as credited"
        " from intermediate.int_document__flow where order_id like 'E57-%'"
        " group by order_id order by order_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("E57-1", 10, 10, None),
        ("E57-2", 20, 20, -5),
        ("E57-3", 30, 30, None),
    ]


def test_a_credit_names_the_invoice_that_it_corrects(ask):
    rows = ask(
        "select corrects_invoice_id from intermediate.int_document__flow"
        " where invoice_id = 'E57-CR'"
    )
    assert rows == [{"corrects_invoice_id": "E57-I"}]


def test_invoice_amounts_add_up_to_the_document(ask):
    [row] = ask(
        "select sum(net_amount_group) as net from intermediate.int_document__flow"
        " where invoice_id = 'E57-I'"
    )
    assert row["net"] == 600
