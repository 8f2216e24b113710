"""E58: ten kits are ordered; what leaves the warehouse are their parts.

A kit holds two of PART-A and one of PART-B. Once the parts are lines of the order, once they are
shipped under the line of the kit and the bill of materials tells what belongs to one.
"""

import pytest

ORDERS = ("E58-LINES", "E58-BOM")


def given(world):
    world.product("E58-KIT", is_kit=True, family="E58-KITS")
    for part, per_kit in (("E58-PART-A", 2), ("E58-PART-B", 1)):
        world.product(part, family="E58-PARTS")
        row = {
            "parent_product_id": "E58-KIT",
            "component_product_id": part,
            "qty_per": per_kit,
            "valid_from": "2025-01-01",
        }
        # The quantity of one part is corrected a day later.
        world.row("erp.bom", **(row | {"qty_per": 1}))
        world.later("next day", "erp.bom", **row)
    for order in ORDERS:
        world.order(order)
        world.line(order, qty=10, net_price=100, product_id="E58-KIT")
    part_of = {"parent_line_no": 1}
    # The price of a part only says what the kit is made up of.
    world.line("E58-LINES", qty=20, net_price=30, line_no=2, product_id="E58-PART-A", **part_of)
    world.line("E58-LINES", qty=10, net_price=40, line_no=3, product_id="E58-PART-B", **part_of)
    for order, line_a, line_b in (("E58-LINES", 2, 3), ("E58-BOM", 1, 1)):
        world.ship(f"{order}-A1", order, 14, product_id="E58-PART-A", order_line_no=line_a)
        world.ship(
            f"{order}-A2",
            order,
            6,
            delivered="2025-03-12T10:00:00Z",
            product_id="E58-PART-A",
            order_line_no=line_a,
        )
        world.ship(f"{order}-B", order, 10, product_id="E58-PART-B", order_line_no=line_b)
    world.invoice(
        "E58-I",
        {"order": "E58-LINES", "qty": 10, "net": 1000, "product_id": "E58-KIT"},
        {
            "order": "E58-LINES",
            "order_line_no": 2,
            "qty": 20,
            "net": 0,
            "product_id": "E58-PART-A",
            "cogs_std_amount": 400,
        },
        {
            "order": "E58-LINES",
            "order_line_no": 3,
            "qty": 10,
            "net": 0,
            "product_id": "E58-PART-B",
            "cogs_std_amount": 200,
        },
    )


@pytest.mark.parametrize("order", ORDERS)
def test_as_many_kits_are_there_as_the_scarcest_part_makes_whole(ask, order):
    [kit] = ask(
        "select cast(countable_base_qty as int) as ordered,"
        " cast(delivered_by_due_first_base_qty as int) as in_time,"
        " cast(delivered_base_qty as int) as delivered, is_otif_first"
        " from marts.fct_order_line_service"
        f" where order_id = '{order}' and is_service_relevant"
    )
    assert kit == {"ordered": 10, "in_time": 7, "delivered": 10, "is_otif_first": False}


def test_parts_are_judged_with_the_kit(ask):
    rows = ask(
        "select distinct otif_null_reason from marts.fct_order_line_service"
        " where order_id = 'E58-LINES' and line_no > 1"
    )
    assert rows == [{"otif_null_reason": "component of a kit: judged with the kit"}]


@pytest.mark.parametrize("order", ORDERS)
def test_the_price_of_the_kit_counts_once(ask, order):
    [row] = ask(
        f"select sum(net_amount) as net from marts.fct_order_line where order_id = '{order}'"
    )
    assert row["net"] == 1000


@pytest.mark.parametrize("order", ORDERS)
def test_kits_are_the_demand_and_parts_are_not(ask, order):
    rows = ask(
        "select product_family, cast(sum(demand_base_qty) as int) as demanded"
        f" from intermediate.int_demand__series where entity_id = 'C-{order}'"
        " group by product_family"
    )
    assert rows == [{"product_family": "E58-KITS", "demanded": 10}]


def test_what_left_the_warehouse_are_parts(ask):
    rows = ask(
        "select product_id, cast(sum(shipped_base_qty) as int) as shipped"
        " from marts.fct_shipment_line where order_id = 'E58-BOM' group by all order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [("E58-PART-A", 20), ("E58-PART-B", 10)]


def test_the_cost_stands_with_the_parts_and_the_margin_with_the_whole(ask):
    [row] = ask(
        "select cast(sum(net_amount_group) as int) as net,"
        " cast(sum(cogs_amount_group) as int) as cogs,"
        " cast(sum(margin_amount_group) as int) as margin"
        " from marts.fct_invoice_line where invoice_id = 'E58-I'"
    )
    assert row == {"net": 1000, "cogs": 600, "margin": 400}


def test_the_profit_of_the_customer_counts_revenue_and_cost_of_the_kit(ask):
    [row] = ask(
        "select cast(sum(costed_net_revenue_group) as int) as revenue,"
        " cast(sum(cogs_amount_group) as int) as cogs"
        " from intermediate.int_profit__customer_period where entity_id = 'C-E58-LINES'"
    )
    assert row == {"revenue": 1000, "cogs": 600}
