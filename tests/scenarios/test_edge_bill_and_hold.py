"""Bill and hold: 100 are invoiced in March and kept; the customer calls 60 of them off in April."""

from datetime import date


def given(world):
    for order, mode in (("HOLD-AGREED", "BILL_AND_HOLD"), ("HOLD-NOT", None)):
        world.order(order)
        world.line(order, qty=100, fulfilment_mode=mode, promised_ship_at="2025-03-08T12:00:00Z")
        world.invoice(f"{order}-I", {"order": order, "qty": 100, "net": 1000})
        world.ship(
            f"{order}-S",
            order,
            qty=60,
            departed="2025-04-24T09:00:00Z",
            delivered="2025-04-25T10:00:00Z",
        )


def test_revenue_counts_once_and_when_it_was_invoiced(ask):
    rows = ask(
        "select posting_date, cast(sum(net_amount) as int) as net from marts.fct_invoice_line"
        " where order_id = 'HOLD-AGREED' group by all"
    )
    assert rows == [{"posting_date": date(2025, 3, 31), "net": 1000}]


def test_the_invoice_is_laid_along_the_goods_and_waits_for_the_rest(ask):
    rows = ask(
        "select shipment_id, cast(invoiced_base_qty as int) as qty,"
        " cast(net_amount_group as int) as net, departed_at > step_date as was_billed_first"
        " from intermediate.int_document__flow"
        " where order_id = 'HOLD-AGREED' and step = 'INVOICED' order by shipment_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("HOLD-AGREED-S", 60, 600, True),
        (None, 40, 400, None),
    ]


def test_goods_that_wait_for_the_call_are_not_late(service):
    line = service("HOLD-AGREED")
    assert line["is_due_first"] is False
    assert line["is_otif_first"] is None
    assert line["otif_null_reason"] == "bill and hold: the customer calls the goods off"
    assert line["ship_timing"] is None
    assert line["is_shipped_on_time"] is None


def test_without_that_agreement_the_same_line_is_late(service):
    line = service("HOLD-NOT")
    assert line["is_due_first"] is True
    assert line["is_otif_first"] is False
    assert line["ship_timing"] == "LATE"


def test_what_is_held_is_still_open(ask):
    rows = ask(
        "select is_bill_and_hold, cast(open_base_qty as int) as open from marts.fct_order_line"
        " where order_id like 'HOLD-%' order by order_id"
    )
    assert [tuple(row.values()) for row in rows] == [(True, 40), (False, 40)]


def test_revenue_without_delivery_is_found_where_nothing_was_agreed(ask):
    # R-08 lists the hundred that are open longest; it is judged from these, of all stories.
    rows = ask(
        "select order_id, line_no from intermediate.int_control__order_balance"
        " where order_id like 'HOLD-%'"
    )
    assert rows == [{"order_id": "HOLD-NOT", "line_no": 1}]
    assert {"status": "FAIL"} in ask(
        "select status from marts.fct_control_result where control_id = 'R-08'"
    )
