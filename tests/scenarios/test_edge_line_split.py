"""A confirmed line over 100 is split: 60 stay for the 10th, 40 are moved by the seller to the 17th.

Once as a second schedule line, once as a new line that names the one it came from, once because
the customer asked for it.
"""

import pytest

FIRST = "2025-03-10T15:00:00Z"
LATER = "2025-03-17T15:00:00Z"
SPLIT_AT = "2025-03-05T09:00:00Z"
PLACES = {
    "SPLIT-SCHEDULE": {"schedule_no": 2, "revision": 2},
    "SPLIT-LINE": {"line_no": 2, "parent_line_no": 1},
    "SPLIT-ASKED": {
        "schedule_no": 2,
        "revision": 2,
        "promise_change_by": "CUSTOMER",
        "promise_change_reason": "site closed",
    },
}


def given(world):
    for order, place in PLACES.items():
        world.order(order)
        world.line(order, qty=100, due=FIRST)
        world.line(order, qty=60, due=FIRST, revision=2, revised_at=SPLIT_AT)
        if order == "SPLIT-LINE":
            # The change is delivered a day after the order.
            world.later("next day", "erp.sales_order_line", **_taken_back(world))
        part = {
            "first_confirmed_at": LATER,
            "confirmed_at": LATER,
            "revised_at": SPLIT_AT,
            **place,
        }
        world.line(order, qty=40, due=FIRST, **part)
        if order == "SPLIT-LINE":
            world.later("next day", "erp.sales_order_line", **_taken_back(world))
        where = {
            "order_line_no": part.get("line_no", 1),
            "schedule_no": part.get("schedule_no", 1),
        }
        world.ship(f"{order}-S1", order, qty=60)
        world.ship(f"{order}-S2", order, qty=40, delivered="2025-03-17T10:00:00Z", **where)


def _taken_back(world):
    return world.rows["erp", "sales_order_line"].pop()


def parts(ask, order):
    return ask(
        "select cast(countable_base_qty as int) as countable, due_first_date, is_otif_first,"
        f" is_otif_last from marts.fct_order_line_service where order_id = '{order}'"
        " order by line_no, schedule_no"
    )


@pytest.mark.parametrize("order", PLACES)
def test_the_parts_add_up_to_what_was_promised(ask, order):
    assert [row["countable"] for row in parts(ask, order)] == [60, 40]


@pytest.mark.parametrize("order", ["SPLIT-SCHEDULE", "SPLIT-LINE"])
def test_the_part_that_was_moved_misses_the_first_promise_and_keeps_the_last(ask, order):
    stayed, moved = parts(ask, order)
    assert stayed["due_first_date"] == moved["due_first_date"]
    assert (stayed["is_otif_first"], stayed["is_otif_last"]) == (True, True)
    assert (moved["is_otif_first"], moved["is_otif_last"]) == (False, True)


def test_a_split_that_the_customer_asked_for_is_a_promise_of_its_own(ask):
    _, moved = parts(ask, "SPLIT-ASKED")
    assert moved["due_first_date"].day == 17
    assert moved["is_otif_first"] is True


@pytest.mark.parametrize("order", PLACES)
def test_ordered_and_shipped_count_once(ask, order):
    [row] = ask(
        "select cast(sum(ordered_base_qty) as int) as ordered,"
        " cast(sum(shipped_base_qty) as int) as shipped, cast(sum(net_amount) as int) as net"
        f" from marts.fct_order_line where order_id = '{order}'"
    )
    assert row == {"ordered": 100, "shipped": 100, "net": 1000}
