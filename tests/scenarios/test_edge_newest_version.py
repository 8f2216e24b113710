"""The same rows come three times with different content: what was extracted last holds."""

from decimal import Decimal


def given(world):
    world.order("NEWEST")
    world.line("NEWEST", qty=10, net_price=10)
    line = world.rows["erp", "sales_order_line"][-1]
    # Added in this order on purpose: the order in which batches arrive decides nothing.
    world.later("day after", "erp.sales_order_line", **(line | {"net_price": 12}))
    world.later("next day", "erp.sales_order_line", **(line | {"net_price": 11}))
    world.invoice("NEWEST-I", {"order": "NEWEST", "qty": 10, "net": 100})
    bill = world.rows["erp", "invoice_line"][-1]
    world.later("next day", "erp.invoice_line", **(bill | {"net_amount": 110, "gross_amount": 110}))


def test_one_row_of_each_document_line_is_left_and_it_is_the_newest(ask):
    orders = ask("select net_price from marts.fct_order_line where order_id = 'NEWEST'")
    bills = ask("select net_amount from marts.fct_invoice_line where invoice_id = 'NEWEST-I'")
    assert orders == [{"net_price": Decimal("12.000000")}]
    assert bills == [{"net_amount": Decimal("110.0000")}]


def test_it_remembers_when_the_row_was_first_known(ask):
    [row] = ask(
        "select known_at < timestamp '2025-07-02' as is_early, _revision_count as versions"
        " from staging.stg_erp__sales_order_line as line"
        " inner join marts.fct_order_line as fact using (order_id, line_no)"
        " where line.order_id = 'NEWEST'"
    )
    assert row == {"is_early": True, "versions": 3}
