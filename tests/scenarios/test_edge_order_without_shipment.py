"""Orders that nothing was shipped for: one is overdue, one is due after the logical date."""


def given(world):
    world.order("NOSHIP-DUE")
    world.line("NOSHIP-DUE", qty=100)
    world.order("NOSHIP-LATER")
    world.line("NOSHIP-LATER", qty=100, due="2025-07-15T15:00:00Z")


def test_the_whole_quantity_is_open(ask):
    rows = ask(
        "select cast(shipped_base_qty as int) as shipped, cast(open_base_qty as int) as open"
        " from marts.fct_order_line where order_id like 'NOSHIP-%' order by order_id"
    )
    assert [(row["shipped"], row["open"]) for row in rows] == [(0, 100), (0, 100)]


def test_it_fails_once_it_is_due_and_not_before(service):
    overdue, later = service("NOSHIP-DUE"), service("NOSHIP-LATER")
    assert (overdue["is_due_first"], overdue["is_otif_first"]) == (True, False)
    assert later["is_due_first"] is False
    assert overdue["ship_timing"] == later["ship_timing"] == "NOT_SHIPPED"


def test_the_chain_ends_with_the_order(ask):
    rows = ask(
        "select step, cast(ordered_base_qty as int) as ordered"
        " from intermediate.int_document__flow where order_id = 'NOSHIP-DUE'"
    )
    assert rows == [{"step": "ORDERED", "ordered": 100}]
