"""E16: the customer cancels 30 of 100, before or after the cut-off; 70 are delivered."""

import pytest

CUTOFF = "2025-03-05T12:00:00Z"


def given(world):
    for order, at in (
        ("E16-BEFORE", "2025-03-05T12:00:00Z"),
        ("E16-AFTER", "2025-03-05T12:00:01Z"),
    ):
        world.order(order)
        world.line(order, qty=100, cancel_cutoff_at=CUTOFF)
        cancelled = {"cancelled_qty": 30, "cancelled_by": "CUSTOMER", "cancelled_at": at}
        world.line(order, qty=100, revision=2, cancel_cutoff_at=CUTOFF, **cancelled)
        world.ship(f"{order}-S", order, qty=70)
    world.order("E16-ALL")
    world.line(
        "E16-ALL",
        qty=100,
        cancelled_qty=100,
        cancelled_by="CUSTOMER",
        cancelled_at="2025-03-04T12:00:00Z",
        cancel_cutoff_at=CUTOFF,
    )


@pytest.mark.parametrize(
    ("order", "countable", "is_otif"),
    [("E16-BEFORE", 70, True), ("E16-AFTER", 100, False)],
)
def test_only_a_cancellation_in_time_leaves_the_denominator(service, order, countable, is_otif):
    line = service(order)
    assert line["countable_base_qty"] == countable
    assert line["is_in_full_first"] is is_otif
    assert line["is_otif_first"] is is_otif


def test_a_line_cancelled_whole_in_time_is_not_counted(service):
    line = service("E16-ALL")
    assert line["is_due_first"] is False
    assert line["is_otif_first"] is None
    assert line["otif_null_reason"] == "cancelled by the customer before the cut-off"
