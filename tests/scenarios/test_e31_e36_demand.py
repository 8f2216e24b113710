"""E31 to E34 and E36: what counts as demand, and what a class is made of.

Each customer orders one family of articles; the last complete month is June 2025.
"""

import pytest

YEAR = [f"2024-{m:02d}" for m in range(7, 13)] + [f"2025-{m:02d}" for m in range(1, 7)]


def orders(world, customer, sizes, **line):
    """One order per month of ``sizes``; what a month says beyond its quantity goes to its line."""
    for month, size in sizes.items():
        order = f"{customer}-{month}"
        world.order(order, sold_to_customer_id=customer, ordered_at=f"{month}-05T09:00:00Z")
        due = f"{month}-12T15:00:00Z"
        world.line(order, qty=size, due=due, product_id="E3X-P", **line.get(month, {}))


def given(world):
    world.product("E3X-P", family="E3X")
    orders(world, "E31", {"2024-07": 10, "2024-10": 20, "2025-01": 10, "2025-04": 20})
    usual = dict.fromkeys(YEAR, 10)
    orders(world, "E32", usual | {"2025-03": 80}, **{"2025-03": {"promo_id": "SPRING"}})
    orders(world, "E33", usual | {"2025-03": 400})
    orders(world, "E33-FEW", {"2025-01": 10, "2025-02": 10, "2025-03": 400})
    orders(world, "E34", dict.fromkeys(["2024-03", "2024-04", "2024-05", "2024-06"], 10))
    _stock_out(world)


def _stock_out(world):
    """A hundred are ordered, forty shipped and sixty cancelled by the seller; fifty never leave."""
    world.order("E36-SHORT", sold_to_customer_id="E36", ordered_at="2025-03-03T09:00:00Z")
    cancelled = {"cancelled_qty": 60, "cancelled_by": "SELLER", "cancelled_at": "2025-03-05T09:00Z"}
    world.line("E36-SHORT", product_id="E3X-P")
    world.line("E36-SHORT", product_id="E3X-P", revision=2, **cancelled)
    world.ship("E36-S", "E36-SHORT", qty=40, product_id="E3X-P")
    world.order("E36-LOST", sold_to_customer_id="E36", ordered_at="2025-03-04T09:00:00Z")
    world.line("E36-LOST", qty=50, product_id="E3X-P")


@pytest.fixture
def demand(ask):
    """The class of a customer's demand."""

    def of(customer):
        [row] = ask(f"select * from marts.mart_demand_class where entity_id = '{customer}'")
        return row

    return of


def series(ask, customer, column="demand_base_qty"):
    rows = ask(
        f"select cast({column} as int) as qty from intermediate.int_demand__series"
        f" where entity_id = '{customer}' order by demand_month"
    )
    return [row["qty"] for row in rows]


def test_e31_months_without_an_order_are_zero_after_the_first_and_missing_before(ask):
    assert series(ask, "E31") == [10, 0, 0, 20, 0, 0, 10, 0, 0, 20, 0, 0]


def test_e31_the_interval_counts_the_zeros_and_the_variability_does_not(demand):
    found = demand("E31")
    # Four demands up to month ten; sizes 10, 20, 10, 20 have mean 15 and variance 100/3.
    assert found["adi"] == pytest.approx(10 / 4)
    assert float(found["cv2"]) == pytest.approx(100 / 3 / 15**2, abs=1e-9)
    assert found["demand_class"] == "INTERMITTENT"


def test_e32_a_promotion_of_eight_times_the_usual_is_kept_raw_and_cleansed_beside_it(ask):
    assert max(series(ask, "E32")) == 80
    assert set(series(ask, "E32", "cleansed_base_qty")) == {10}


def test_e32_the_class_is_made_of_the_cleansed_series(demand):
    found = demand("E32")
    assert found["promo_months_count"] == 1
    assert (found["demand_class"], float(found["cv2"])) == ("SMOOTH", 0.0)
    # What was sold is what was sold.
    assert found["volume_base_qty"] == 11 * 10 + 80


def test_e33_one_giant_order_is_flagged_and_the_class_without_it_stands_beside(demand):
    found = demand("E33")
    assert found["one_off_months_count"] == 1
    assert found["is_class_robust"] is False
    assert found["demand_class"] == "ERRATIC"
    assert found["demand_class_without_one_off"] == "SMOOTH"


def test_e33_fewer_than_four_demands_have_no_class(demand):
    found = demand("E33-FEW")
    assert found["demand_class"] == "UNDETERMINED"
    assert found["undetermined_reason"] == "too few demands in complete months"


def test_e34_a_year_of_zeros_makes_a_dormant_customer(ask):
    assert series(ask, "E34")[-12:] == [0] * 12
    rows = ask(
        "select segment_code from marts.dim_customer_segment where entity_id = 'E34'"
        " and scheme_id = 'service' and is_current and is_latest_belief"
    )
    assert rows == [{"segment_code": "D0"}]


def test_e34_the_leaving_was_proposed_by_the_rule_of_dormancy(ask):
    [row] = ask(
        "select direction, rule_id from marts.mart_reclass_proposal"
        " where entity_id = 'E34' and to_segment_code = 'D0'"
    )
    assert (row["direction"], row["rule_id"]) == ("SPECIAL", "DORMANT")


def test_e34_the_series_is_obsolete_and_its_method_forgets_it(demand):
    found = demand("E34")
    assert found["is_obsolete"] is True
    assert (found["trailing_zero_months_count"], found["forecast_method"]) == (12, "TSB")


def test_e36_demand_is_what_was_ordered_and_not_what_could_be_shipped(ask):
    rows = ask(
        "select cast(demand_base_qty as int) as qty from intermediate.int_demand__series"
        " where entity_id = 'E36' and demand_month = date '2025-03-01'"
    )
    assert rows == [{"qty": 150}]
