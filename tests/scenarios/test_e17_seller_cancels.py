"""E17: the seller cancels a line, with or without having promised a date."""

import pytest

CANCELLED = {
    "cancelled_qty": 100,
    "cancelled_by": "SELLER",
    "cancelled_at": "2025-03-06T12:00:00Z",
    "cancel_cutoff_at": "2025-03-20T12:00:00Z",
}


def given(world):
    world.order("E17-PROMISED")
    world.line("E17-PROMISED")
    world.line("E17-PROMISED", revision=2, **CANCELLED)
    world.order("E17-NEVER")
    world.line(
        "E17-NEVER",
        first_confirmed_at=None,
        confirmed_at=None,
        first_confirmed_qty=None,
        confirmed_qty=None,
        **CANCELLED,
    )


@pytest.mark.parametrize("order", ["E17-PROMISED", "E17-NEVER"])
@pytest.mark.parametrize("basis", ["req", "first", "last"])
def test_what_the_seller_cancels_fails_on_every_basis(service, order, basis):
    line = service(order)
    assert line["countable_base_qty"] == 100
    assert line[f"is_due_{basis}"] is True
    assert line[f"is_in_full_{basis}"] is False
    assert line[f"is_on_time_{basis}"] is False
    assert line[f"is_otif_{basis}"] is False
