"""Goods that leave without an order: a sample to a customer, a transfer to a sister company."""


def given(world):
    for name, group in (("SAMPLE", "SOLD_TO"), ("SISTER", "INTERCOMPANY")):
        world.customer(f"NOORDER-{name}", account_group=group)
        site = {"site_id": f"NOORDER-ST-{name}", "customer_id": f"NOORDER-{name}"}
        world.site(**(site | {"customer_id": None}))
        # Whose site it is becomes known a day after the goods have left.
        world.later("next day", "erp.site", **(world.rows["erp", "site"][-1] | site))
        shipment = f"NOORDER-S-{name}"
        world.row(
            "wms.shipment",
            shipment_id=shipment,
            to_site_id=f"NOORDER-ST-{name}",
            departed_at="2025-03-08T09:00:00Z",
        )
        world.product("P-ANY")
        world.row(
            "wms.shipment_line",
            shipment_id=shipment,
            line_no=1,
            product_id="P-ANY",
            shipped_qty=3,
            uom="EA",
        )
        world.event(shipment, "DELIVERED", "2025-03-10T10:00:00Z")


def test_it_belongs_to_the_customer_of_the_site_that_receives(ask):
    rows = ask(
        "select order_id, customer_id, cast(shipped_base_qty as int) as shipped,"
        " segment_at_order_key from marts.fct_shipment_line"
        " where shipment_id like 'NOORDER-%' order by shipment_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("-2", "NOORDER-SAMPLE", 3, "-2"),
        ("-2", "NOORDER-SISTER", 3, "-2"),
    ]


def test_nothing_is_rejected_or_lost(ask):
    assert (
        ask(
            "select 1 from intermediate.int_shipment__line_rejected"
            " where shipment_id like 'NOORDER-%'"
        )
        == []
    )


def test_it_stands_in_the_chain_with_its_delivery(ask):
    rows = ask(
        "select step, cast(shipped_base_qty as int) as shipped, delivered_at is not null as arrived"
        " from intermediate.int_document__flow where shipment_id = 'NOORDER-S-SAMPLE'"
    )
    assert rows == [{"step": "SHIPPED", "shipped": 3, "arrived": True}]


def test_it_is_no_demand_and_no_revenue(ask):
    for mart in ("int_demand__series", "int_profit__customer_period"):
        assert ask(f"select 1 from intermediate.{mart} where entity_id like 'NOORDER-%'") == []
