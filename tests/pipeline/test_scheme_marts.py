"""Marts about the schemes themselves: filled, right, kept while no month is closed.

On a simulated company of twelve months; what the marts say of planted truths is in
`tests/unit/schemes`.
"""

import pytest
from pipeline_company import company
from scenarios.small_company import ask

from dagster_project.warehouse.build import build

pytestmark = pytest.mark.further

MARTS = (
    "mart_attribute_selection",
    "mart_scheme_crosswalk",
    "mart_purpose_fitness",
    "mart_reclass_policy_backtest",
    "mart_segment_granularity_frontier",
    "mart_commercial_alignment",
    "mart_segment_ownership",
    "mart_tier_visibility_exposure",
    "mart_segment_expectation_validity",
)
WITHOUT_ROWS = ("mart_perception_impact",)
"""The company is young; see `tests/scenarios`."""


@pytest.fixture(scope="module")
def one_day_later(tmp_path_factory):
    """The company after a build and an update by one day that closes no month."""
    made = company(tmp_path_factory.mktemp("schemes"), tail_days=1)
    made.land()
    made.build()
    [tail] = sorted((made.extracts / "tail").iterdir())
    made.land(tail)
    result = build(made.settings)
    assert result.ok
    assert not result.full
    return made, result


def test_every_mart_about_schemes_has_rows(one_day_later):
    made, _ = one_day_later
    counts = {mart: ask(made.settings, f"select count(*) as n from marts.{mart}") for mart in MARTS}
    assert all(rows[0]["n"] > 0 for rows in counts.values()), counts


def test_a_day_that_closes_no_month_judges_nothing_anew(one_day_later):
    _, result = one_day_later
    assert {"replays", "exposure", "validity"} <= set(result.solved["schemes"]["kept"])
    assert result.solved["schemes"]["seconds"] < 2, result.solved["schemes"]


def test_row_sums_of_the_crosswalk_are_the_customers_of_each_scheme(one_day_later):
    made, _ = one_day_later
    rows = ask(
        made.settings,
        "select segment_b, sum(entities_count) as n from marts.mart_scheme_crosswalk"
        " where scheme_b = 'service' and scheme_a = 'network' group by segment_b order by 1",
    )
    tiers = ask(
        made.settings,
        "select segment_code as segment_b, count(*) as n from marts.dim_customer_segment"
        " where scheme_id = 'service' and segment_code <> 'X0' and valid_from <= '2025-11-30'"
        " and valid_to > '2025-11-30' and recorded_from <= '2025-12-06'"
        " and recorded_to > '2025-12-06' group by 1 order by 1",
    )
    assert [row for row in rows if row["segment_b"] != "none"] == tiers


def test_each_active_scheme_is_judged_for_each_purpose_and_one_is_the_fittest(one_day_later):
    made, _ = one_day_later
    rows = ask(made.settings, "from marts.mart_purpose_fitness")
    assert {(row["purpose"], row["scheme_id"]) for row in rows} == {
        (purpose, scheme)
        for purpose in ("DEMAND_PLANNING", "SERVICE_DIFFERENTIATION", "NETWORK_DESIGN")
        for scheme in ("demand", "network", "service")
    }
    own = [row for row in rows if row["is_made_for_it"]]
    assert len(own) == 3
    for row in rows:
        assert row["eta_squared"] is None or row["eta_squared"] >= row["eta_squared_adjusted"]


def test_scores_and_orders_offer_attributes_and_each_is_judged(one_day_later):
    made, _ = one_day_later
    rows = ask(made.settings, "from marts.mart_attribute_selection")
    names = {row["attribute_id"] for row in rows}
    assert {"net_revenue", "order_count", "gross_margin", "delivery_zone"} <= names
    assert all(0 <= row["coverage"] <= 1 and row["reason"] for row in rows)
    assert {row["attribute_id"] for row in rows if row["weight"]} == {
        "net_revenue",
        "gross_margin",
        "order_count",
        "revenue_growth",
    }


def test_months_whose_following_year_is_not_over_are_censored(one_day_later):
    made, _ = one_day_later
    rows = ask(made.settings, "from marts.mart_reclass_policy_backtest")
    assert {row["cadence"] for row in rows} == {"ANNUAL", "QUARTERLY", "MONTHLY"}
    assert all(row["is_censored"] == (row["misassignment_tiers"] is None) for row in rows)
    assert all(row["is_censored"] for row in rows), "twelve months have no following year"


def test_an_update_leaves_the_rows_of_a_build_from_scratch(one_day_later):
    made, _ = one_day_later
    updated = made.digests()
    made.build(full=True)
    anew = made.digests()
    names = (*MARTS, *WITHOUT_ROWS)
    assert {mart: updated[mart] for mart in names} == {mart: anew[mart] for mart in names}
