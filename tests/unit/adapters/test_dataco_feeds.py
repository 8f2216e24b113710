"""The DataCo feeds say what the native files say, and do not say what those cannot."""

from decimal import Decimal

from real_data import real_data


def one(con, sql):
    return con.execute(sql).fetchone()


def test_every_order_line_customer_and_product_becomes_one_row(dataco):
    counts = [
        one(dataco, f"select count(*) from {feed}")[0]
        for feed in ("sales_order", "sales_order_line", "customer", "product")
    ]
    assert counts == [57_349, 171_962, 12_330, 100]


def test_booked_amounts_equal_the_source_to_the_cent(dataco):
    assert one(
        dataco,
        "select round(sum(gross_amount), 2), round(sum(discount_amount), 2),"
        " round(sum(net_amount), 2), round(sum(net_amount - cogs_std_amount), 2),"
        " sum(invoiced_qty) from invoice_line",
    ) == (
        Decimal("34248265.53"),
        Decimal("3474072.73"),
        Decimal("30774192.80"),
        Decimal("3685985.03"),
        Decimal("375287.0000"),
    )


def test_order_line_prices_give_back_the_amounts_of_each_line(dataco):
    assert one(
        dataco,
        "select count(*) from sales_order_line as ordered inner join invoice_line as booked"
        " on booked.order_id = ordered.order_id and booked.order_line_no = ordered.line_no"
        " where round(ordered_qty * list_price, 4) <> gross_amount"
        " or round(ordered_qty * net_price, 4) <> net_amount",
    ) == (0,)


def test_no_line_is_moved_by_a_ten_thousandth_to_keep_the_sum(dataco):
    native = real_data("dataco", "erp_order_items.parquet")
    assert one(
        dataco,
        "select max(abs(Sales - gross_amount)) < 0.0001 from invoice_line inner join"
        f" '{native}' on order_line_no = \"Order Item Id (reconstructed)\"",
    ) == (True,)


def test_orders_ship_late_early_and_on_time_as_the_source_says(dataco):
    rows = dataco.execute(
        """
        with promise as (
            select distinct order_id, promised_ship_at from sales_order_line
        )
        select
            case
                when sales_order.cancelled_at is not null then 'CANCELLED'
                when cast(departed_at as date) > cast(promised_ship_at as date) then 'LATE'
                when cast(departed_at as date) < cast(promised_ship_at as date) then 'EARLY'
                else 'ON_TIME'
            end as timing,
            count(*)
        from sales_order
        inner join promise using (order_id)
        left join shipment on shipment.shipment_id = sales_order.order_id
        group by timing
        """
    ).fetchall()
    assert dict(rows) == {"LATE": 31_412, "EARLY": 13_201, "ON_TIME": 10_241, "CANCELLED": 2_495}


def test_cancelled_orders_do_not_ship_although_they_carry_ship_dates(dataco):
    assert one(
        dataco,
        "select count(*) from shipment_line inner join sales_order using (order_id)"
        " where cancelled_at is not null",
    ) == (0,)


def test_cancelled_orders_cancel_the_whole_quantity_of_each_line(dataco):
    assert one(
        dataco,
        "select count(distinct order_id), count(*) filter (where cancelled_qty <> ordered_qty)"
        " from sales_order_line where cancelled_at is not null",
    ) == (2_495, 0)


def test_only_suspected_fraud_is_known_to_be_cancelled_by_the_seller(dataco):
    assert dataco.execute(
        "select distinct cancel_reason, cancelled_by from sales_order_line"
        " where cancelled_at is not null order by all"
    ).fetchall() == [("CANCELED", None), ("SUSPECTED_FRAUD", "SELLER")]


def test_zip_codes_get_their_leading_zeros_back(dataco):
    assert one(dataco, "select postcode from site where site_id = 'C-3'") == ("00725",)
    assert one(
        dataco, "select count(*) from site where customer_id is not null and length(postcode) <> 5"
    ) == (0,)


def test_spanish_country_names_become_iso_codes(dataco):
    assert one(dataco, "select count(*) from site where country is null") == (0,)
    native = real_data("dataco", "erp_orders.parquet")
    assert one(
        dataco,
        "select (select count(distinct country) from site where customer_id is null)"
        f" = (select count(distinct \"Order Country\") from '{native}')",
    ) == (True,)
    assert one(dataco, "select country from site where name = 'Jalisco'") == ("MX",)


def test_trailing_and_doubled_blanks_are_gone(dataco):
    for feed, column in [("site", "region"), ("product", "name"), ("product", "category")]:
        assert one(
            dataco,
            f"select count(*) from {feed} where {column} <> trim({column}) or {column} like '%  %'",
        ) == (0,)


def test_electronics_is_two_categories_told_apart_by_the_department(dataco):
    assert dataco.execute(
        "select distinct family from product where category = 'Electronics' order by all"
    ).fetchall() == [("Footwear",), ("Outdoors",)]


def test_the_many_mary_smiths_stay_as_many_customers(dataco):
    assert one(dataco, "select count(*) from customer where name = 'Mary Smith'") == (1_721,)


def test_lines_that_share_order_and_product_stay_apart(dataco):
    assert one(
        dataco,
        "select sum(n - 1) from (select count(*) as n from sales_order_line"
        " group by order_id, product_id)",
    ) == (20_729,)


def test_nothing_is_said_about_shipped_quantity_or_delivery(dataco):
    assert one(dataco, "select count(shipped_qty) from shipment_line") == (0,)
    tables = {row[0] for row in dataco.execute("show tables").fetchall()}
    assert "tracking_event" not in tables
