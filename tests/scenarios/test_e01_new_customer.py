"""E01: a customer with two orders in forty days is new: estimated from its like, never top tier.

C-E01-CRM is as new, and sales has an opportunity of half a million with it.
"""

import datetime as dt

import duckdb
import pytest

from dagster_project.ingestion import land
from dagster_project.settings import Settings
from dagster_project.warehouse.build import build

from .world import World

OPENED = dt.date(2025, 5, 22)
EXPIRES = dt.date(2025, 11, 18)


def given(world: World) -> None:
    world.customer("C-E01-CRM", created_date=OPENED)
    world.row("crm.account", account_id="A-E01", customer_id="C-E01-CRM")
    world.row(
        "crm.opportunity",
        opportunity_id="O-E01",
        account_id="A-E01",
        amount=500000,
        currency="EUR",
        close_date="2025-06-20",
    )
    world.order(
        "E01-CRM", sold_to_customer_id="C-E01-CRM", ordered_at="2025-06-02T09:00:00Z", total_net=90
    )
    world.line("E01-CRM")
    world.customer("C-E01", created_date="2025-05-22", industry_code="I-E01")
    world.site("ST-E01-NOWHERE", country="FR", postcode="75001", latitude=None, longitude=None)
    for order in ("E01-1", "E01-2"):
        world.order(
            order,
            sold_to_customer_id="C-E01",
            ship_to="ST-E01-NOWHERE",
            ordered_at="2025-06-02T09:00:00Z",
            bill_to_customer_id=None,
        )
        world.line(order)


def test_estimate_leans_on_customers_of_its_kind(ask):
    [row] = ask("from marts.mart_new_customer_demand where entity_id = 'C-E01'")
    assert (row["watched_days"], row["orders_count"]) == (40, 2)
    # Nobody else is in its industry, so all customers speak.
    assert row["group_name"] == "all customers"
    assert row["own_weight"] < 0.5
    months = 40 / 30.4375
    rate = (row["alpha"] + 2) / (row["beta_months"] + months)
    assert abs(float(row["orders_per_month"]) - rate) < 1e-7


def test_without_an_opportunity_there_is_no_tier_and_the_reason_is_said(ask):
    [row] = ask("from marts.mart_new_customer_demand where entity_id = 'C-E01'")
    assert row["default_segment_code"] is None
    assert row["no_default_segment_reason"] == "no opportunity that is not lost"


def test_each_imputed_value_has_a_row_in_the_log(ask):
    rows = ask(
        "select metric, rule_id, is_imputed from marts.mart_governance__imputation_log"
        " where entity_id in ('C-E01', 'ST-E01-NOWHERE') order by metric"
    )
    assert {(row["metric"], row["rule_id"], row["is_imputed"]) for row in rows} == {
        ("customer.default_segment", "TIER_NONE", False),
        ("customer.order_rate", "EB_RATE", True),
        ("customer.order_size", rows[2]["rule_id"], rows[2]["is_imputed"]),
        ("order.bill_to_customer", "BILL_TO_SOLD_TO", True),
        ("order.payer_customer", "PAYER_BILL_TO", True),
        ("site.coordinates", "GEO_COUNTRY", True),
    }


def test_place_without_coordinates_stands_in_the_middle_of_its_country(ask):
    [row] = ask("from marts.dim_site where site_id = 'ST-E01-NOWHERE'")
    assert (float(row["latitude"]), float(row["longitude"])) == (46, 2)
    assert (row["geo_precision"], row["is_geo_imputed"]) == ("COUNTRY_CENTROID", True)


def test_best_default_tier_is_the_second_however_large_the_opportunity(ask):
    [row] = ask("from marts.dim_customer_segment where entity_id = 'C-E01-CRM' and is_current")
    assert (row["segment_code"], row["default_segment_code"]) == ("N0", "S2")
    assert row["service_segment_code"] == "S2"
    assert row["default_segment_source"] == "opportunity O-E01"
    assert row["default_segment_expires_date"] == EXPIRES


def test_without_an_opportunity_the_promise_is_that_of_onboarding(ask):
    [row] = ask("from marts.dim_customer_segment where entity_id = 'C-E01' and is_current")
    assert (row["segment_code"], row["default_segment_code"]) == ("N0", None)
    assert row["service_segment_code"] == "N0"


@pytest.fixture(scope="module")
def as_days_pass(tmp_path_factory):
    """What is known of C-E01-CRM on three days, though nothing more is delivered."""
    root = tmp_path_factory.mktemp("clock")
    world = World()
    given(world)
    world.order("E01-OLD", ordered_at="2024-01-08T09:00:00Z", total_net=100)
    world.line("E01-OLD")
    world.ship("E01-S", "E01-OLD")
    world.write(root / "extracts")
    found = {}
    for day in ("2025-06-30", "2025-11-17", "2025-11-18"):
        settings = Settings(home=root / "home", as_of=day, group_currency="EUR")
        land(settings, from_dir=root / "extracts")
        result = build(settings)
        assert not [f for f in result.failures if f.resource_type != "test"]
        with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
            found[day] = con.execute(
                "select segment.segment_code, segment.default_segment_code, service_segment_code,"
                " order_rate_rule_id, order_size_rule_id, own_weight::double, orders_per_month"
                " from marts.dim_customer_segment as segment"
                " join marts.mart_new_customer_demand using (entity_id)"
                " where entity_id = 'C-E01-CRM' and is_current"
            ).fetchone()
            found[day, "log"] = dict(
                con.execute(
                    "select metric, (rule_id, expires_date)"
                    " from marts.mart_governance__imputation_log"
                    " where entity_id = 'C-E01-CRM' and entity_type = 'entity'"
                ).fetchall()
            )
    return found


@pytest.mark.parametrize("day", ["2025-06-30", "2025-11-17"])
def test_what_is_imputed_holds_for_half_a_year(as_days_pass, day):
    assert as_days_pass[day][:5] == ("N0", "S2", "S2", "EB_RATE", "EB_SIZE")
    assert as_days_pass[day, "log"] == {
        "customer.default_segment": ("TIER_OPPORTUNITY", EXPIRES),
        "customer.order_rate": ("EB_RATE", EXPIRES),
        "customer.order_size": ("EB_SIZE", EXPIRES),
    }


def test_after_half_a_year_the_next_rule_gives_the_value_or_nothing_does(as_days_pass):
    *segments, weight, rate = as_days_pass["2025-11-18"]
    assert segments == ["N0", None, "N0", "OWN_RATE", "OWN_SIZE"]
    assert weight == 1
    assert float(rate) == pytest.approx(1 / (181 / 30.4375), abs=1e-8)
    assert as_days_pass["2025-11-18", "log"] == {
        "customer.default_segment": ("TIER_NONE", None),
        "customer.order_rate": ("OWN_RATE", None),
        "customer.order_size": ("OWN_SIZE", None),
    }
