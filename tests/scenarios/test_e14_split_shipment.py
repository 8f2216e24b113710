"""E14: 60 arrive on time and 40 late."""


def given(world):
    for order, partial in (("E14-PARTIAL", True), ("E14-WHOLE", False), ("E14-OPEN", False)):
        world.order(order, partial=partial)
        world.line(order, qty=100)
        world.ship(f"{order}-1", order, qty=60, delivered="2025-03-10T10:00:00Z")
    for order in ("E14-PARTIAL", "E14-WHOLE"):
        world.ship(f"{order}-2", order, qty=40, delivered="2025-03-12T10:00:00Z")


def test_sixty_of_a_hundred_are_there_by_the_due_date(service):
    line = service("E14-PARTIAL")
    assert line["delivered_by_due_first_base_qty"] == 60
    assert line["delivered_base_qty"] == 100
    assert line["is_in_full_first"] is False
    assert line["is_otif_first"] is False


def test_first_piece_is_on_time_where_partial_deliveries_are_accepted(service):
    assert service("E14-PARTIAL")["is_on_time_first"] is True


def test_last_piece_decides_where_they_are_not(service):
    line = service("E14-WHOLE")
    assert line["is_on_time_first"] is False
    assert line["is_otif_first"] is False


def test_a_piece_that_has_not_come_yet_is_late_too(service):
    assert service("E14-OPEN")["is_on_time_first"] is False
