"""The chain ends with the payment: one invoice is paid, another is still open."""

from datetime import date


def given(world):
    for order, paid in (("PAID", "2025-04-30"), ("UNPAID", None)):
        world.order(order)
        world.line(order, qty=10)
        world.ship(f"{order}-S", order, qty=10)
        world.invoice(f"{order}-I", {"order": order, "qty": 10, "net": 100}, paid_date=paid)


def chain(ask, order):
    rows = ask(
        "select step, step_date, cast(coalesce(paid_amount_group, net_amount_group) as int) as net"
        f" from intermediate.int_document__flow where order_id = '{order}' order by step_date"
    )
    return [tuple(row.values()) for row in rows]


def test_a_paid_invoice_goes_from_order_to_payment(ask):
    assert chain(ask, "PAID") == [
        ("ORDERED", date(2025, 3, 3), None),
        ("SHIPPED", date(2025, 3, 8), None),
        ("INVOICED", date(2025, 3, 31), 100),
        ("PAID", date(2025, 4, 30), 100),
    ]


def test_an_open_invoice_is_where_the_chain_ends(ask):
    assert [step for step, _, _ in chain(ask, "UNPAID")] == ["ORDERED", "SHIPPED", "INVOICED"]


def test_a_payment_is_not_counted_as_more_revenue(ask):
    [row] = ask(
        "select cast(sum(net_amount_group) as int) as net,"
        " cast(sum(paid_amount_group) as int) as paid from intermediate.int_document__flow"
        " where order_id = 'PAID'"
    )
    assert row == {"net": 100, "paid": 100}
