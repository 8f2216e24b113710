"""The Northwind feeds say what the native files say, to the cent."""

from datetime import datetime
from decimal import Decimal


def one(con, sql):
    return con.execute(sql).fetchone()


def test_every_order_and_line_becomes_one_row(northwind):
    assert one(northwind, "select count(*) from sales_order") == (830,)
    assert one(northwind, "select count(*) from sales_order_line") == (2155,)


def test_order_line_prices_give_gross_and_net_to_the_cent(northwind):
    assert one(
        northwind,
        "select round(sum(ordered_qty * list_price), 2), round(sum(ordered_qty * net_price), 2)"
        " from sales_order_line",
    ) == (Decimal("1354458.59"), Decimal("1265793.04"))


def test_invoice_lines_add_up_to_the_same_amounts_and_to_their_documents(northwind):
    assert one(
        northwind,
        "select round(sum(gross_amount), 2), round(sum(net_amount), 2) from invoice_line",
    ) == (Decimal("1354458.59"), Decimal("1265793.04"))
    assert one(
        northwind,
        "select count(*) from invoice join (select invoice_id, sum(net_amount) as lines from"
        " invoice_line group by all) using (invoice_id) where lines <> net_amount",
    ) == (0,)


def test_twenty_one_orders_have_no_shipment(northwind):
    assert one(
        northwind,
        "select count(*) from sales_order where order_id not in (select order_id"
        " from shipment_line)",
    ) == (21,)


def test_carriers_have_their_orders_late_shipments_and_freight(northwind):
    rows = northwind.execute(
        """
        with promise as (
            select distinct order_id, promised_ship_at from sales_order_line
        ),
        late as (
            select carrier_id, count(*) as late_count
            from shipment inner join promise on promise.order_id = shipment.shipment_id
            where cast(departed_at as date) > cast(promised_ship_at as date)
            group by carrier_id
        )
        select carrier_id, count(*), any_value(late_count), sum(amount)
        from freight_invoice left join late using (carrier_id)
        group by carrier_id order by carrier_id
        """
    ).fetchall()
    assert rows == [
        ("1", 249, 12, Decimal("16185.3300")),
        ("2", 326, 16, Decimal("28244.8500")),
        ("3", 255, 9, Decimal("20512.5100")),
    ]


def test_us_dates_are_read_month_first(northwind):
    assert one(northwind, "select ordered_at from sales_order where order_id = '10248'") == (
        datetime(1996, 7, 4),
    )


def test_doubly_encoded_accents_are_mended(northwind):
    assert one(northwind, "select name from customer where customer_id = 'TOMSP'") == (
        "Toms Spezialitäten",
    )
    assert one(northwind, "select name from product where product_id = '38'") == ("Côte de Blaye",)
    assert one(
        northwind,
        "select count(*) from site where concat(name, street, city) similar to '.*[ÃÂ].*'",
    ) == (0,)


def test_a_name_spelt_in_two_ways_is_still_one_site(northwind):
    assert one(northwind, "select count(*) from site where customer_id = 'ALFKI'") == (1,)


def test_countries_are_iso_codes(northwind):
    assert one(
        northwind, "select count(*) from site where country is null or length(country) <> 2"
    ) == (0,)
    assert one(northwind, "select country from customer where customer_id = 'AROUT'") == ("GB",)


def test_shipped_quantity_stays_null_because_nobody_recorded_it(northwind):
    assert one(northwind, "select count(shipped_qty) from shipment_line") == (0,)


def test_stock_is_counted_on_the_last_day_of_the_extract(northwind):
    assert one(
        northwind,
        "select cast(min(snapshot_date) as varchar), sum(on_hand_qty) from inventory_snapshot",
    ) == ("1998-05-06", Decimal("3119.0000"))
