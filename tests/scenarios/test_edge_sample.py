"""A sample is ordered, sent and invoiced at nothing."""


def given(world):
    world.order("SAMPLE", order_type="SAMPLE")
    world.line("SAMPLE", qty=5, net_price=0)
    world.ship("SAMPLE-S", "SAMPLE", qty=5, delivered="2025-03-20T10:00:00Z")
    world.invoice("SAMPLE-I", {"order": "SAMPLE", "qty": 5, "net": 0, "cogs_std_amount": 30})


def test_it_is_shipped_like_goods(ask):
    [row] = ask(
        "select cast(shipped_base_qty as int) as shipped, cast(open_base_qty as int) as open"
        " from marts.fct_order_line where order_id = 'SAMPLE'"
    )
    assert row == {"shipped": 5, "open": 0}


def test_nobody_is_late_with_a_sample(service):
    line = service("SAMPLE")
    assert line["is_due_first"] is False
    assert line["otif_null_reason"] == "sample order"


def test_it_is_no_demand_and_no_order_of_the_customer(ask):
    assert ask("select 1 from intermediate.int_demand__series where entity_id = 'C-SAMPLE'") == []
    rows = ask(
        "select orders_count from intermediate.int_customer__month where entity_id = 'C-SAMPLE'"
    )
    assert sum(row["orders_count"] for row in rows) == 0


def test_it_brings_nothing_and_costs_what_it_costs(ask):
    [row] = ask(
        "select cast(sum(net_revenue_group) as int) as revenue, cast(sum(cogs_amount_group) as int)"
        " as cogs from intermediate.int_profit__customer_period where entity_id = 'C-SAMPLE'"
    )
    assert row == {"revenue": 0, "cogs": 30}
