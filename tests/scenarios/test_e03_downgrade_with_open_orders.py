"""E03: a downgrade is approved on 1 May for 1 June while an order is open.

The customer keeps the segment for the month of notice. The order of 20 May, delivered in June,
keeps the promise of the old segment; the order of 5 June gets that of the new one.
"""

import datetime as dt

from .people import Log
from .world import World

CUSTOMER = "C-E03"
EARLIER = ("2024-10-07", "2024-11-11", "2024-12-09", "2025-03-10")


def told(world: World) -> None:
    for number, day in enumerate(EARLIER, start=1):
        order(world, f"E03-{number}", day, shipped=day)
    order(world, "E03-OPEN", "2025-05-20", shipped="2025-06-10")
    order(world, "E03-NEW", "2025-06-05", shipped="2025-06-12")


def order(world: World, name: str, day: str, shipped: str) -> None:
    world.order(name, sold_to_customer_id=CUSTOMER, ship_to="ST-E03", ordered_at=f"{day}T09:00:00Z")
    world.line(name, due=f"{shipped}T15:00:00Z")
    world.ship(f"S-{name}", name, departed=f"{shipped}T10:00:00Z", delivered=f"{shipped}T14:00:00Z")


def decided(log: Log) -> None:
    log.at("2025-05-01 10:00").request(
        "R-E03",
        CUSTOMER,
        "S3 -> S4",
        "2025-06-01",
        "cleo (customer_service)",
        roles="segment_owner sales",
    )
    log.at("2025-05-01 11:00").approve("R-E03", "ola (segment_owner)")
    log.at("2025-05-01 12:00").approve("R-E03", "sam (sales)")


def promise_of(people, order_id: str) -> str:
    [row] = people(f"from marts.fct_order_line_service where order_id = '{order_id}'")
    return row["segment_at_order_key"]


def test_the_open_order_keeps_its_promise_and_the_new_one_gets_the_new(people):
    assert promise_of(people, "E03-OPEN") == "service:S3"
    assert promise_of(people, "E03-NEW") == "service:S4"


def test_both_promises_are_measured_in_the_month_in_which_they_fall_due(people):
    rows = people(
        "select segment_key, sum(denominator) as lines from marts.mart_service_attainment"
        " where metric_id = 'OTIF' and basis = 'FIRST' and due_month = '2025-06-01'"
        " and segment_key <> 'service:N0' group by all"  # Newcomers of other stories.
    )
    assert {row["segment_key"]: row["lines"] for row in rows} == {"service:S3": 1, "service:S4": 1}


def test_the_notice_is_honoured(people):
    [last] = people(
        f"from marts.dim_customer_segment where entity_id = '{CUSTOMER}' and is_current"
    )
    assert (last["segment_code"], last["valid_from"]) == ("S4", dt.date(2025, 6, 1))
    [shipped] = people("from marts.fct_shipment_line where shipment_id = 'S-E03-OPEN'")
    assert shipped["segment_at_event_key"] == "service:S4"


def test_the_monitor_counts_what_was_open_when_the_segment_fell(people):
    [row] = people("from marts.mart_edge_case_monitor where edge_id = 'E03'")
    assert row["occurrences_count"] == 1
