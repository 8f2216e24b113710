"""E25: ordered late in the evening in New York, due the next day in Tokyo."""

from datetime import date, datetime


def given(world):
    world.site("E25-TOKYO", "Asia/Tokyo")
    # 31 March 23:30 in New York is 03:30 UTC on 1 April; due 2 April 17:00 in Tokyo.
    for order, delivered in (
        ("E25-KEPT", "2025-04-02T14:59:00Z"),
        ("E25-LATE", "2025-04-02T15:01:00Z"),
    ):
        world.order(order, ship_to="E25-TOKYO", ordered_at="2025-03-31T23:30:00-04:00")
        world.line(order, due="2025-04-02T17:00:00+09:00")
        world.ship(f"{order}-S", order, delivered=delivered, departed="2025-04-01T05:00:00Z")
    # A source that knows the day only writes midnight; it is that day at the ship-to.
    world.site("E25-LA", "America/Los_Angeles")
    world.order("E25-DAY", ship_to="E25-LA")
    world.line("E25-DAY", due="2025-04-02")
    world.ship("E25-DAY-S", "E25-DAY", delivered="2025-04-03T05:00:00Z")


def planted(company):
    """The company that keeps its books in New York gets the same order."""
    company.world.order(
        "E25-BOOKS", ordered_at="2025-03-31T23:30:00-04:00", sold_to_customer_id="CROWD-01"
    )
    company.world.line("E25-BOOKS", due="2025-04-02T17:00:00+09:00")


def test_order_moment_is_kept_in_utc(ask):
    [row] = ask("select ordered_at from marts.fct_order_line where order_id = 'E25-KEPT'")
    assert row["ordered_at"] == datetime(2025, 4, 1, 3, 30)


def test_due_day_ends_at_midnight_in_tokyo(service):
    assert service("E25-KEPT")["due_first_date"] == date(2025, 4, 2)
    assert service("E25-KEPT")["is_otif_first"] is True
    assert service("E25-LATE")["is_otif_first"] is False


def test_a_date_without_a_time_is_that_day_at_the_ship_to(service):
    line = service("E25-DAY")
    assert line["due_first_date"] == date(2025, 4, 2)
    assert line["is_otif_first"] is True


def test_the_fiscal_period_is_that_of_the_day_in_the_time_zone_of_the_company(tiers):
    [row] = tiers(
        "select ordered_at, ordered_date, fiscal_period_id from marts.fct_order_line as line"
        " inner join marts.dim_date as day on line.ordered_date = day.calendar_date"
        " where order_id = 'E25-BOOKS'"
    )
    assert row["ordered_at"] == datetime(2025, 4, 1, 3, 30)
    assert (row["ordered_date"], row["fiscal_period_id"]) == (date(2025, 3, 31), "2025-03")
