"""E21: goods come back forty-five days after they were delivered in full and on time."""

import pytest

REASONS = {"E21-DAMAGE": "DAMAGE", "E21-WRONG": "WRONG_ITEM", "E21-MIND": "CHANGE_OF_MIND"}
OURS = ("E21-DAMAGE", "E21-WRONG")
UNKNOWN = "E21-UNKNOWN"


MISTAKEN, MEANT = "E21-MISTAKEN", "E21-MEANT"


def given(world):
    for order in (*REASONS, UNKNOWN, MISTAKEN, MEANT):
        world.order(order)
        world.line(order, qty=10)
        world.line(order, qty=5, line_no=2)
        world.ship(f"{order}-S1", order, qty=10)
        world.ship(f"{order}-S2", order, qty=5, order_line_no=2)
    for order, reason in (REASONS | {UNKNOWN: "OTHER"}).items():
        world.row("wms.return", **_return(f"{order}-R", order, reason))
        world.row("wms.return_line", **_return_line(f"{order}-R"))
    # One is told a day later, for the wrong order, and corrected the day after.
    world.later("next day", "wms.return", op="I", **_return("E21-R", MISTAKEN, "DAMAGE"))
    world.later("next day", "wms.return_line", op="I", **_return_line("E21-R"))
    world.later("day after", "wms.return", **_return("E21-R", MEANT, "DAMAGE"))


def _return(return_id, order, reason):
    return {
        "return_id": return_id,
        "order_id": order,
        "customer_id": f"C-{order}",
        "received_at": "2025-04-24T10:00:00Z",
        "reason": reason,
    }


def _return_line(return_id):
    return {
        "return_id": return_id,
        "line_no": 1,
        "order_line_no": 1,
        "product_id": "P-ANY",
        "returned_qty": 3,
        "uom": "EA",
    }


def lines_of(ask, order):
    return ask(
        "select line_no, delivered_base_qty, returned_base_qty, net_delivered_base_qty,"
        " is_otif_first, is_perfect_condition from marts.fct_order_line_service"
        f" where order_id = '{order}' order by line_no"
    )


@pytest.mark.parametrize("order", REASONS)
def test_units_that_came_back_reduce_the_net_of_the_original_line(ask, order):
    returned, kept = lines_of(ask, order)
    assert returned["delivered_base_qty"] == 10
    assert returned["returned_base_qty"] == 3
    assert returned["net_delivered_base_qty"] == 7
    assert (kept["returned_base_qty"], kept["net_delivered_base_qty"]) == (0, 5)


@pytest.mark.parametrize("order", OURS)
def test_perfect_condition_fails_on_the_original_line_where_the_reason_is_ours(ask, order):
    returned, kept = lines_of(ask, order)
    assert returned["is_perfect_condition"] is False
    assert kept["is_perfect_condition"] is True


def test_a_change_of_mind_of_the_customer_leaves_the_condition_perfect(ask):
    assert lines_of(ask, "E21-MIND")[0]["is_perfect_condition"] is True


def test_a_reason_that_nobody_placed_counts_against_us(ask):
    assert lines_of(ask, UNKNOWN)[0]["is_perfect_condition"] is False


@pytest.mark.parametrize("order", REASONS)
def test_the_delivery_was_on_time_and_in_full_all_the_same(ask, order):
    assert lines_of(ask, order)[0]["is_otif_first"] is True


def test_a_return_that_is_corrected_leaves_the_wrong_order_and_stands_with_the_right_one(ask):
    assert lines_of(ask, MISTAKEN)[0]["returned_base_qty"] == 0
    assert lines_of(ask, MISTAKEN)[0]["is_perfect_condition"] is True
    assert lines_of(ask, MEANT)[0]["returned_base_qty"] == 3
    assert lines_of(ask, MEANT)[0]["is_perfect_condition"] is False
