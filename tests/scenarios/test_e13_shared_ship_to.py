"""E13: two customers receive at one dock; service goes to the dock, money to who ordered."""


def given(world):
    world.site("E13-DOCK", "Europe/Berlin")
    for customer in ("A", "B"):
        order = f"E13-{customer}"
        world.order(order, ship_to="E13-DOCK", sold_to_customer_id=f"E13-C{customer}")
        world.line(order, qty=10)
        world.ship(f"E13-S{customer}", order, qty=10)
        world.invoice(
            f"E13-I{customer}",
            {"order": order, "qty": 10, "net": 100, "cogs_std_amount": 60},
            sold_to_customer_id=f"E13-C{customer}",
        )


def test_each_order_is_one_row_at_the_shared_dock(ask):
    rows = ask(
        "select customer_id, count(*) as row_count from marts.fct_order_line_service"
        " where ship_to_site_id = 'E13-DOCK' group by customer_id order by customer_id"
    )
    assert rows == [
        {"customer_id": "E13-CA", "row_count": 1},
        {"customer_id": "E13-CB", "row_count": 1},
    ]


def test_money_stands_with_the_sold_to(ask):
    rows = ask(
        "select customer_id, sum(net_amount) as net from marts.fct_order_line"
        " where order_id like 'E13-%' group by customer_id"
    )
    assert {row["customer_id"]: row["net"] for row in rows} == {"E13-CA": 100, "E13-CB": 100}


def test_the_profit_and_loss_of_each_customer_holds_its_own_invoice_only(ask):
    rows = ask(
        "select entity_id, sum(net_revenue_group) as revenue, sum(gross_profit_group) as profit"
        " from marts.fct_customer_pnl where entity_id in ('E13-CA', 'E13-CB')"
        " group by entity_id order by entity_id"
    )
    assert [tuple(row.values()) for row in rows] == [("E13-CA", 100, 40), ("E13-CB", 100, 40)]
