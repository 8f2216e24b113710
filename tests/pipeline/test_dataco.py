"""DataCo, from its native files to released marts: known figures exactly, unknown ones null."""

from decimal import Decimal

import pytest
from adapted_release import release_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dataco(tmp_path_factory):
    return release_of("dataco", tmp_path_factory.mktemp("dataco"))


def test_every_row_is_accepted(dataco):
    assert sum(feed.quarantined_rows for feed in dataco.landed.feeds) == 0
    assert dataco.one("select count(distinct order_id), count(*) from fct_order_line") == (
        57_349,
        171_962,
    )
    assert dataco.one("select count(*) from dim_customer where customer_id <> '-1'") == (12_330,)
    assert dataco.one("select count(*) from dim_product where product_id <> '-1'") == (100,)


def test_ordered_amounts_and_units_are_those_of_the_source(dataco):
    assert dataco.one(
        "select round(sum(gross_amount), 2), round(sum(discount_amount), 2),"
        " round(sum(net_amount), 2), sum(ordered_base_qty) from fct_order_line"
    ) == (
        Decimal("34248265.53"),
        Decimal("3474072.73"),
        Decimal("30774192.80"),
        Decimal("375287"),
    )


def test_booked_amounts_and_profit_are_those_of_the_source(dataco):
    assert dataco.one(
        "select round(sum(gross_amount), 2), round(sum(discount_amount), 2),"
        " round(sum(net_amount), 2), round(sum(net_amount - cogs_amount_local), 2),"
        " sum(invoiced_base_qty) from fct_invoice_line"
    ) == (
        Decimal("34248265.53"),
        Decimal("3474072.73"),
        Decimal("30774192.80"),
        Decimal("3685985.03"),
        Decimal("375287"),
    )


def test_orders_ship_late_early_on_time_or_not_at_all(dataco):
    timing = dict(
        dataco.all(
            "select ship_timing, count(distinct order_id) from fct_order_line_service"
            " group by ship_timing"
        )
    )
    assert timing == {"LATE": 31_412, "EARLY": 13_201, "ON_TIME": 10_241, "CANCELLED": 2_495}
    assert round(timing["LATE"] / sum(timing.values()), 6) == 0.547734
    assert round(timing["LATE"] / (sum(timing.values()) - timing["CANCELLED"]), 6) == 0.572647


def test_otif_is_null_with_a_reason_and_not_guessed(dataco):
    assert dataco.all(
        "select distinct is_otif_req, is_otif_first, is_otif_last, otif_null_reason"
        " from fct_order_line_service"
    ) == [(None, None, None, "no delivery event in the sources")]


def test_the_many_mary_smiths_stay_as_many_customers(dataco):
    assert dataco.one("select count(*) from dim_customer where customer_name = 'Mary Smith'") == (
        1_721,
    )


def test_customers_are_segmented(dataco):
    assert dataco.one("select count(distinct entity_id) from dim_customer_segment") == (12_330,)
