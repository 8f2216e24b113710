"""E18: the seller moves the promise three times and keeps the last one."""

from datetime import date


def given(world):
    world.order("E18")
    first = "2025-03-10T15:00:00Z"
    world.line("E18", due=first)
    for revision, day in ((2, 12), (3, 14), (4, 18)):
        world.line(
            "E18",
            due=first,
            revision=revision,
            revised_at=f"2025-03-0{revision + 2}T09:00:00Z",
            confirmed_at=f"2025-03-{day}T15:00:00Z",
            promise_change_by="SELLER",
            promise_change_reason="no stock",
        )
    world.ship("E18-S", "E18", delivered="2025-03-18T10:00:00Z")


def test_only_the_last_basis_moves(service):
    line = service("E18")
    assert line["due_req_date"] == date(2025, 3, 10)
    assert line["due_first_date"] == date(2025, 3, 10)
    assert line["due_last_date"] == date(2025, 3, 18)
    assert line["is_first_rebased"] is False


def test_only_the_last_promise_was_kept(service):
    line = service("E18")
    assert (line["is_otif_req"], line["is_otif_first"], line["is_otif_last"]) == (
        False,
        False,
        True,
    )


def test_each_move_is_an_event(ask):
    rows = ask(
        "select event_no, event_type, changed_by, cast(new_due_at as date) as due"
        " from marts.fct_order_line_event where order_id = 'E18' order by event_no"
    )
    assert [(row["event_type"], row["due"].day) for row in rows] == [
        ("FIRST_CONFIRMED", 10),
        ("PROMISE_MOVED", 12),
        ("PROMISE_MOVED", 14),
        ("PROMISE_MOVED", 18),
    ]
    assert [row["changed_by"] for row in rows[1:]] == ["SELLER"] * 3
