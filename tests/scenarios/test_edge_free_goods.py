"""Free goods: a customer pays for 100 and gets 10 on top, on a line that names the paid one."""


def given(world):
    order = "FREE-GOODS"
    world.product("FREE-P", family="FREE-F")
    world.order(order)
    world.line(order, qty=100, net_price=10, product_id="FREE-P")
    world.line(order, qty=10, net_price=0, product_id="FREE-P", line_no=2, parent_line_no=1)
    world.ship("FREE-S1", order, qty=100, product_id="FREE-P")
    world.ship("FREE-S2", order, qty=10, product_id="FREE-P", order_line_no=2)
    world.invoice(
        "FREE-I",
        {"order": order, "qty": 100, "net": 1000, "product_id": "FREE-P", "cogs_std_amount": 600},
        {
            "order": order,
            "order_line_no": 2,
            "qty": 10,
            "net": 0,
            "product_id": "FREE-P",
            "cogs_std_amount": 60,
        },
    )


def test_the_line_says_what_it_is(ask):
    rows = ask(
        "select line_role, cast(ordered_base_qty as int) as qty, cast(net_amount as int) as net"
        " from marts.fct_order_line where order_id = 'FREE-GOODS' order by line_no"
    )
    assert [tuple(row.values()) for row in rows] == [("ITEM", 100, 1000), ("FREE", 10, 0)]


def test_it_brings_no_revenue_and_its_cost_counts(ask):
    [row] = ask(
        "select cast(sum(net_revenue_group) as int) as revenue, cast(sum(cogs_amount_group) as int)"
        " as cogs from intermediate.int_profit__customer_period where entity_id = 'C-FREE-GOODS'"
    )
    assert row == {"revenue": 1000, "cogs": 660}


def test_it_does_not_thin_the_price_that_demand_was_paid(ask):
    [row] = ask(
        "select cast(sum(demand_base_qty) as int) as qty, cast(sum(demand_amount_group) as int) as"
        " amount from intermediate.int_demand__series where entity_id = 'C-FREE-GOODS'"
    )
    assert row == {"qty": 100, "amount": 1000}


def test_it_is_a_promise_like_any_other(ask):
    rows = ask(
        "select is_otif_first from marts.fct_order_line_service where order_id = 'FREE-GOODS'"
    )
    assert rows == [{"is_otif_first": True}] * 2
