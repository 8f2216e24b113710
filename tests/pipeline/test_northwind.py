"""Northwind, from its native files to released marts: the known figures come out exactly."""

from decimal import Decimal

import pytest
from adapted_release import release_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def northwind(tmp_path_factory):
    return release_of("northwind", tmp_path_factory.mktemp("northwind"))


def test_every_row_is_accepted(northwind):
    assert sum(feed.quarantined_rows for feed in northwind.landed.feeds) == 0
    assert northwind.one("select count(distinct order_id), count(*) from fct_order_line") == (
        830,
        2155,
    )


def test_ordered_amounts_are_those_of_the_source(northwind):
    assert northwind.one(
        "select round(sum(gross_amount), 2), round(sum(net_amount), 2) from fct_order_line"
    ) == (Decimal("1354458.59"), Decimal("1265793.04"))


def test_invoiced_amounts_are_those_of_the_source(northwind):
    assert northwind.one(
        "select round(sum(gross_amount), 2), round(sum(net_amount), 2),"
        " round(sum(net_amount_group), 2) from fct_invoice_line"
    ) == (Decimal("1354458.59"), Decimal("1265793.04"), Decimal("1265793.04"))


def test_thirty_seven_orders_ship_late_and_twenty_one_never(northwind):
    timing = dict(
        northwind.all(
            "select ship_timing, count(distinct order_id) from fct_order_line_service"
            " group by ship_timing"
        )
    )
    assert timing["NOT_SHIPPED"] == 21
    assert timing["LATE"] == 37
    assert sum(timing.values()) == 830
    assert round(timing["LATE"] / (830 - timing["NOT_SHIPPED"]), 6) == 0.045735


def test_each_shipper_has_its_orders_late_shipments_and_freight(northwind):
    assert northwind.all(
        """
        with late_shipment as (
            select carrier_id, count(distinct fct_shipment_line.order_id) as late_count
            from fct_shipment_line
            inner join fct_order_line_service as service
                on service.order_id = fct_shipment_line.order_id
                and service.line_no = fct_shipment_line.order_line_no
            where service.ship_timing = 'LATE'
            group by carrier_id
        )
        select carrier_id, count(*), any_value(late_count), round(sum(amount), 2)
        from fct_freight_charge
        left join late_shipment using (carrier_id)
        group by carrier_id
        order by carrier_id
        """
    ) == [
        ("1", 249, 12, Decimal("16185.33")),
        ("2", 326, 16, Decimal("28244.85")),
        ("3", 255, 9, Decimal("20512.51")),
    ]


def test_freight_adds_up_to_the_cent(northwind):
    assert northwind.one("select round(sum(amount), 2) from fct_freight_charge") == (
        Decimal("64942.69"),
    )


def test_otif_is_null_with_a_reason_because_no_delivery_is_recorded(northwind):
    assert northwind.all(
        "select distinct is_otif_req, is_otif_first, is_otif_last, otif_null_reason"
        " from fct_order_line_service"
    ) == [(None, None, None, "no delivery event in the sources")]


def test_accents_reach_the_marts_whole(northwind):
    assert northwind.one("select customer_name from dim_customer where customer_id = 'TOMSP'") == (
        "Toms Spezialitäten",
    )


def test_customers_are_segmented(northwind):
    assert northwind.one("select count(distinct entity_id) from dim_customer_segment") == (91,)
