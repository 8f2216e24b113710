"""E02: an upgrade holds from the 15th; an order of the 10th is shipped and invoiced on the 20th.

The order keeps the promise under which it was placed, the money counts for the segment of the day
on which it was invoiced, and the new segment begins on the 15th, whenever it was decided.
"""

import datetime as dt

from .people import Log
from .world import World

CUSTOMER = "C-E02"
EARLIER = ("2024-10-07", "2024-11-11", "2024-12-09", "2025-03-10")


def told(world: World) -> None:
    for number, day in enumerate(EARLIER, start=1):
        order(world, f"E02-{number}", day)
    order(world, "E02-MAY", "2025-05-10", shipped="2025-05-20")
    world.invoice(
        "E02-I",
        {"order": "E02-MAY", "qty": 100, "net": 900},
        sold_to_customer_id=CUSTOMER,
        posting_date="2025-05-20",
    )


def order(world: World, name: str, day: str, shipped: str | None = None) -> None:
    world.order(name, sold_to_customer_id=CUSTOMER, ship_to="ST-E02", ordered_at=f"{day}T09:00:00Z")
    world.line(name, due=f"{shipped or day}T15:00:00Z")
    world.ship(
        f"S-{name}",
        name,
        departed=f"{shipped or day}T10:00:00Z",
        delivered=f"{shipped or day}T14:00:00Z",
    )


def decided(log: Log) -> None:
    log.at("2025-05-05 10:00").request(
        "R-E02", CUSTOMER, "S3 -> S2", "2025-05-15", "anna (sales)", roles="segment_owner"
    )
    log.at("2025-05-06 10:00").approve("R-E02", "ola (segment_owner)")


def test_service_is_judged_by_the_promise_under_which_the_order_was_placed(people):
    [line] = people("from marts.fct_order_line_service where order_id = 'E02-MAY'")
    assert line["segment_at_order_key"] == "service:S3"
    assert line["is_otif_first"]
    [attained] = people(
        "select numerator, denominator from marts.mart_service_attainment where metric_id = 'OTIF'"
        " and basis = 'FIRST' and segment_key = 'service:S3' and due_month = '2025-05-01'"
    )
    assert attained["denominator"] >= 1


def test_shipment_and_money_count_for_the_new_segment(people):
    [shipment] = people("from marts.fct_shipment_line where shipment_id = 'S-E02-MAY'")
    [invoice] = people("from marts.fct_invoice_line where invoice_id = 'E02-I'")
    assert shipment["segment_at_event_key"] == invoice["segment_at_event_key"] == "service:S2"
    assert shipment["segment_at_order_key"] == invoice["segment_at_order_key"] == "service:S3"


def test_the_new_segment_holds_from_the_fifteenth(people):
    rows = people(
        "select segment_code, valid_from, valid_to from marts.dim_customer_segment where"
        f" entity_id = '{CUSTOMER}' and is_latest_belief order by valid_from"
    )
    assert [row["segment_code"] for row in rows] == ["N0", "S3", "S2"]
    assert rows[1]["valid_to"] == rows[2]["valid_from"] == dt.date(2025, 5, 15)


def test_what_was_believed_before_the_decision_can_still_be_asked(people):
    """On 1 May nobody knew of the upgrade: the segment of 20 May was the old one."""
    [row] = people(
        "select segment_code from marts.dim_customer_segment where"
        f" entity_id = '{CUSTOMER}' and valid_from <= date '2025-05-20' and valid_to > date"
        " '2025-05-20' and recorded_from <= timestamp '2025-05-01' and recorded_to > timestamp"
        " '2025-05-01'"
    )
    assert row["segment_code"] == "S3"


def test_the_record_says_who_asked_and_who_approved(people):
    [row] = people(
        f"from marts.audit_segment_assignment where entity_id = '{CUSTOMER}' and event_seq = 3"
    )
    assert (row["answerable"], row["approved_by"]) == ("anna", "ola (segment_owner)")
    assert (row["request_id"], row["source_app"]) == ("R-E02", "decision store")
    assert row["decision_hash"]
    found = people("select check_id, status from marts.audit_control_result")
    assert {row["check_id"]: row["status"] for row in found} == dict.fromkeys(
        ["A1", "A2", "A3", "A4", "A5", "A6", "A7"], "PASS"
    ) | {"A8": "NO_DATA"}


def test_the_monitor_counts_what_was_shipped_in_a_better_segment(people):
    [row] = people("from marts.mart_edge_case_monitor where edge_id = 'E02'")
    assert row["occurrences_count"] == 1
    assert row["first_date"] == dt.date(2025, 5, 20)
