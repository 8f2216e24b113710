"""E26: a delivery window from 01:00 to 03:00 in the night in which the clocks change."""


def given(world):
    world.site("E26-BERLIN", "Europe/Berlin")
    # Spring: 01:00 to 03:00 lasts one hour. Autumn: it lasts three.
    for order, due, departed, delivered in (
        ("E26-SPRING", "2025-03-30T01:00:00Z", "2025-03-30T00:10:00Z", "2025-03-30T00:50:00Z"),
        ("E26-AUTUMN", "2024-10-27T02:00:00Z", "2024-10-26T23:30:00Z", "2024-10-27T01:30:00Z"),
    ):
        world.order(order, ship_to="E26-BERLIN", order_type="RUSH", ordered_at="2024-10-20T09:00Z")
        world.line(order, due=due)
        world.ship(f"{order}-S", order, departed=departed, delivered=delivered)


def test_no_duration_is_negative(ask):
    rows = ask(
        "select delivered_at >= departed_at as is_forward, is_clock_skewed"
        " from marts.fct_shipment_line where order_id like 'E26-%'"
    )
    assert rows == [{"is_forward": True, "is_clock_skewed": False}] * 2


def test_delivery_in_the_window_is_on_time(service):
    assert service("E26-SPRING")["is_on_time_first"] is True
    assert service("E26-AUTUMN")["is_on_time_first"] is True


def test_due_windows_are_never_empty(ask):
    rows = ask(
        "select order_id from intermediate.int_order__line"
        " where order_id like 'E26-%' and due_first_start >= due_first_limit"
    )
    assert rows == []
