"""E59: a customer away for fourteen months who orders again starts a new history of demand.

On its return the best tier is the third, whatever the score says.
"""

import datetime as dt

from .world import World

ORDERED = ("2024-02-05", "2025-04-07", "2025-06-02")


def given(world: World) -> None:
    for number, day in enumerate(ORDERED, start=1):
        world.order(
            f"E59-{number}",
            sold_to_customer_id="C-E59",
            ship_to="ST-E59",
            ordered_at=f"{day}T09:00:00Z",
        )
        world.line(f"E59-{number}", product_id="P-E59")


def test_history_begins_anew_with_the_month_of_the_return(ask):
    [row] = ask("from marts.mart_demand_class where entity_id = 'C-E59'")
    assert row["is_reactivated"]
    assert row["reactivated_month"] == row["first_demand_month"] == dt.date(2025, 4, 1)
    assert (row["n_periods"], row["n_demands"]) == (3, 2)


def test_months_are_zero_within_a_history_and_missing_before_it(ask):
    rows = ask(
        "select demand_month, spell_no, demand_base_qty, reactivated_month"
        " from intermediate.int_demand__series where entity_id = 'C-E59' order by demand_month"
    )
    assert rows[0]["demand_month"] == dt.date(2024, 2, 1)
    by_month = {row["demand_month"]: row for row in rows}
    assert by_month[dt.date(2025, 5, 1)]["demand_base_qty"] == 0
    assert by_month[dt.date(2025, 3, 1)]["spell_no"] == 1
    assert by_month[dt.date(2025, 4, 1)]["reactivated_month"] == dt.date(2025, 4, 1)
    assert by_month[dt.date(2024, 2, 1)]["reactivated_month"] is None


def test_months_before_the_first_order_are_missing(ask):
    [row] = ask(
        "select min(demand_month) as first_month,"
        " count(*) filter (demand_base_qty is null) as empty"
        " from intermediate.int_demand__series where entity_id = 'C-E59'"
    )
    assert row == {"first_month": dt.date(2024, 2, 1), "empty": 0}


def test_who_comes_back_is_reactivated_and_capped(ask):
    rows = ask(
        "select rule_id, from_segment_code, to_segment_code from marts.fct_segment_event"
        " where entity_id = 'C-E59' and scheme_id = 'service' order by event_seq"
    )
    moves = {row["rule_id"]: row for row in rows}
    assert moves["DORMANT"]["to_segment_code"] == "D0"
    [back] = [row for name, row in moves.items() if name.startswith("REACTIVATED")]
    assert back["from_segment_code"] == "D0"
    assert back["to_segment_code"] in ("S3", "S4")
    [now] = ask("from marts.dim_customer_segment where entity_id = 'C-E59' and is_current")
    assert now["segment_code"] in ("S3", "S4")
