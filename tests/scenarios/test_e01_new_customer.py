"""E01: a customer with two orders in forty days is new: estimated from its like, never top tier."""

from .world import World


def given(world: World) -> None:
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
        ("site.coordinates", "GEO_COUNTRY", True),
    }


def test_place_without_coordinates_stands_in_the_middle_of_its_country(ask):
    [row] = ask("from marts.dim_site where site_id = 'ST-E01-NOWHERE'")
    assert (float(row["latitude"]), float(row["longitude"])) == (46, 2)
    assert (row["geo_precision"], row["is_geo_imputed"]) == ("COUNTRY_CENTROID", True)
