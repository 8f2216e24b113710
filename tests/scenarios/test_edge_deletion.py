"""The source deletes what it has delivered before: an order line, an invoice line, a shipment."""

import pytest


def given(world):
    world.order("DELETED")
    world.line("DELETED", qty=100)
    world.line("DELETED", qty=50, line_no=2)
    world.ship("DELETED-S1", "DELETED", qty=100)
    world.ship("DELETED-S2", "DELETED", qty=50, order_line_no=2, delivered=None)
    world.invoice(
        "DELETED-I",
        {"order": "DELETED", "qty": 100, "net": 1000},
        {"order": "DELETED", "qty": 50, "net": 500, "order_line_no": 2},
    )
    for feed, last in (
        ("erp.sales_order_line", world.rows["erp", "sales_order_line"][-1]),
        ("wms.shipment", world.rows["wms", "shipment"][-1]),
        ("wms.shipment_line", world.rows["wms", "shipment_line"][-1]),
        ("erp.invoice_line", world.rows["erp", "invoice_line"][-1]),
    ):
        world.later("next day", feed, op="D", **last)
    # Taken back: the newest word on a row is that it is there.
    world.order("RETURNED-TO-LIFE")
    world.line("RETURNED-TO-LIFE", qty=7)
    alive = world.rows["erp", "sales_order_line"][-1]
    world.later("next day", "erp.sales_order_line", op="D", **alive)
    world.later("day after", "erp.sales_order_line", op="I", **alive)


@pytest.mark.parametrize(
    ("mart", "document"),
    [
        ("fct_order_line", "order_id = 'DELETED'"),
        ("fct_shipment_line", "order_id = 'DELETED'"),
        ("fct_invoice_line", "invoice_id = 'DELETED-I'"),
    ],
)
def test_a_deleted_row_is_in_no_fact(ask, mart, document):
    assert len(ask(f"select 1 from marts.{mart} where {document}")) == 1


def test_the_chain_no_longer_names_it(ask):
    rows = ask(
        "select distinct line_no from intermediate.int_document__flow where order_id = 'DELETED'"
    )
    assert rows == [{"line_no": 1}]


def test_raw_keeps_it_with_the_deletion(ask):
    rows = ask(
        "select coalesce(_op, '-') as op from raw.erp__invoice_line"
        " where invoice_id = 'DELETED-I' and line_no = '2' order by op"
    )
    assert [row["op"] for row in rows] == ["-", "D"]


def test_a_row_that_came_back_is_there(ask):
    assert len(ask("select 1 from marts.fct_order_line where order_id = 'RETURNED-TO-LIFE'")) == 1


def test_deleted_rows_are_counted_and_no_row_is_lost(ask):
    rows = ask("select dimension, status from marts.fct_control_result where control_id = 'R-13'")
    assert {row["status"] for row in rows} == {"PASS"}
    [row] = ask(
        "select detail from marts.fct_control_result where control_id = 'R-13'"
        " and dimension = 'feed=erp.invoice_line|hop=staging'"
    )
    assert "2 of deleted keys" in row["detail"]
