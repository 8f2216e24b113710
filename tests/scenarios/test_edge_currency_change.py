"""An amendment moves an order from euro to Swiss francs; another to a currency without a rate."""

from decimal import Decimal

DAY = "2025-03-05"


def given(world):
    world.row(
        "erp.fx_rate",
        from_currency="CHF",
        to_currency="EUR",
        rate_date=DAY,
        rate_type="M",
        rate="1.05",
    )
    for order, currency in (("CURRENCY-KNOWN", "CHF"), ("CURRENCY-MISSING", "NOK")):
        world.order(order, ordered_at=f"{DAY}T09:00:00Z", currency="EUR")
        world.order(order, ordered_at=f"{DAY}T09:00:00Z", currency=currency, revision=2)
        world.line(order, qty=10, net_price=10)
        world.line(order, qty=10, net_price=11, revision=2)
        world.ship(f"{order}-S", order, qty=10)


def test_the_amended_order_is_valued_once_in_its_new_currency(ask):
    rows = ask(
        "select currency, net_amount, net_amount_group from marts.fct_order_line"
        " where order_id = 'CURRENCY-KNOWN'"
    )
    assert rows == [
        {
            "currency": "CHF",
            "net_amount": Decimal("110.0000"),
            "net_amount_group": Decimal("115.5000"),
        }
    ]


def test_the_old_currency_never_stands_in_for_a_missing_rate(ask):
    assert ask("select 1 from marts.fct_order_line where order_id = 'CURRENCY-MISSING'") == []
    rows = ask(
        "select reason, detail from intermediate.int_order__line_rejected"
        " where order_id = 'CURRENCY-MISSING'"
    )
    assert rows == [{"reason": "missing_rate", "detail": f"No rate from NOK on {DAY}"}]
