"""E19: the customer asks for a later delivery; only with a reason does the first promise move."""

from datetime import date

FIRST = "2025-03-10T15:00:00Z"
LATER = "2025-03-20T15:00:00Z"


def given(world):
    changes = {
        "E19-REASON": {"promise_change_by": "CUSTOMER", "promise_change_reason": "site closed"},
        "E19-BARE": {"promise_change_by": "CUSTOMER"},
        "E19-SELLER": {"promise_change_by": "SELLER", "promise_change_reason": "no stock"},
    }
    for order, change in changes.items():
        world.order(order)
        world.line(order, due=FIRST)
        world.line(order, due=FIRST, revision=2, confirmed_at=LATER, **change)
        world.ship(f"{order}-S", order, delivered="2025-03-20T10:00:00Z")
    order = "E19-THEN-SELLER"
    world.order(order)
    world.line(order, due=FIRST)
    world.line(order, due=FIRST, revision=2, confirmed_at=LATER, **changes["E19-REASON"])
    world.line(
        order,
        due=FIRST,
        revision=3,
        confirmed_at="2025-03-25T15:00:00Z",
        **changes["E19-SELLER"],
    )


def test_first_is_rebased_when_the_customer_moved_it_and_the_source_says_why(service):
    line = service("E19-REASON")
    assert line["due_first_date"] == date(2025, 3, 20)
    assert line["is_first_rebased"] is True
    assert line["is_otif_first"] is True


def test_first_stays_without_a_reason(service):
    assert service("E19-BARE")["due_first_date"] == date(2025, 3, 10)
    assert service("E19-BARE")["is_otif_first"] is False


def test_first_stays_when_the_seller_moved_it(service):
    assert service("E19-SELLER")["due_first_date"] == date(2025, 3, 10)


def test_a_later_move_by_the_seller_leaves_the_customers_date(service):
    line = service("E19-THEN-SELLER")
    assert line["due_first_date"] == date(2025, 3, 20)
    assert line["due_last_date"] == date(2025, 3, 25)


def test_requested_date_never_moves(service):
    assert service("E19-REASON")["due_req_date"] == date(2025, 3, 10)
