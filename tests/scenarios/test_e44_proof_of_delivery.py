"""E44: tracking without DELIVERED, with duplicates, and with clocks that disagree."""

from datetime import datetime


def given(world):
    for order in ("E44-POD", "E44-TWICE", "E44-SKEW", "E44-NONE", "E44-LOAD"):
        world.order(order)
        world.line(order)
        world.ship(f"{order}-S", order, delivered=None, departed="2025-03-09T09:00:00Z")
    world.event("E44-POD-S", "POD", "2025-03-10T11:00:00Z")
    world.event("E44-TWICE-S", "DELIVERED", "2025-03-10T10:00:00Z")
    world.event("E44-TWICE-S", "DELIVERED", "2025-03-12T10:00:00Z")
    world.event("E44-TWICE-S", "POD", "2025-03-13T10:00:00Z")
    world.event("E44-SKEW-S", "POD", "2025-03-09T08:00:00Z")
    world.event("E44-NONE-S", "PICKUP", "2025-03-09T08:00:00Z")
    world.row("tms.load_shipment", load_id="E44-L", shipment_id="E44-LOAD-S", stop_no=1)
    world.event(None, "DELIVERED", "2025-03-10T12:00:00Z", load_id="E44-L")


def test_proof_of_delivery_stands_in(ask, service):
    [row] = ask("select * from marts.fct_shipment_line where shipment_id = 'E44-POD-S'")
    assert row["delivered_at"] == datetime(2025, 3, 10, 11)
    assert row["delivered_by_event"] == "POD"
    assert service("E44-POD")["is_otif_first"] is True


def test_a_delivery_reported_twice_counts_once_and_at_its_first_report(ask, service):
    [row] = ask("select * from marts.fct_shipment_line where shipment_id = 'E44-TWICE-S'")
    assert row["delivered_at"] == datetime(2025, 3, 10, 10)
    assert row["has_duplicate_delivery"] is True
    assert service("E44-TWICE")["delivered_base_qty"] == 100
    assert service("E44-TWICE")["is_otif_first"] is True


def test_delivery_before_departure_is_flagged_and_stays_in_service(service):
    line = service("E44-SKEW")
    assert line["is_clock_skewed"] is True
    assert line["is_otif_first"] is True


def test_a_shipment_nobody_saw_arrive_is_a_failure_once_it_is_due(service):
    line = service("E44-NONE")
    assert line["is_due_first"] is True
    assert line["is_otif_first"] is False


def test_a_report_about_a_load_holds_for_its_shipments(service):
    assert service("E44-LOAD")["is_otif_first"] is True
