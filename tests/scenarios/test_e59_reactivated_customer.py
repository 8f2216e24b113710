"""E59: a customer away for fourteen months who orders again starts a new history of demand."""

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
