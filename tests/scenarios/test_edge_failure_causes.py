"""Why a line was not kept: what the papers of its way say, and what a person knows better."""

import pytest

from .people import Log
from .world import World

DUE = "2025-03-12T15:00:00Z"


def given(world: World) -> None:
    # Held for credit, then late by its carrier as well: the hold came first.
    world.order("FC-CREDIT", credit_status="RELEASED")
    world.line("FC-CREDIT", due=DUE)
    world.ship("FC-CREDIT-S", "FC-CREDIT", delivered="2025-03-14T10:00:00Z")
    world.event("FC-CREDIT-S", "EXCEPTION", "2025-03-11T10:00:00Z")
    # Sent away at the door, delivered two days later.
    world.order("FC-REFUSED")
    world.line("FC-REFUSED", due=DUE)
    world.ship("FC-REFUSED-S", "FC-REFUSED", delivered="2025-03-14T10:00:00Z")
    world.event("FC-REFUSED-S", "REFUSED", "2025-03-12T10:00:00Z")
    # Short of a picker's error and late by the carrier: two things went wrong.
    world.order("FC-TWO")
    world.line("FC-TWO", due=DUE)
    world.ship(
        "FC-TWO-S",
        "FC-TWO",
        qty=60,
        delivered="2025-03-14T10:00:00Z",
        short_qty=40,
        short_reason="PICK_ERROR",
    )
    world.event("FC-TWO-S", "EXCEPTION", "2025-03-11T10:00:00Z")
    # Out of stock, with a purchase order overdue; of the other article none was.
    for name, article in (("FC-SUPPLIER", "FC-LATE"), ("FC-STOCK", "FC-GOOD")):
        world.order(name)
        world.line(name, due=DUE, product_id=article, ship_from_site_id="FC-DC")
        world.ship(
            f"{name}-S",
            name,
            qty=60,
            delivered="2025-03-12T10:00:00Z",
            departed="2025-03-11T09:00:00Z",
            product_id=article,
            short_qty=40,
            short_reason="STOCKOUT",
        )
    world.site("FC-DC", site_type="DC")
    world.row("erp.supplier", supplier_id="FC-SUP")
    world.row("erp.purchase_order", po_id="FC-PO", supplier_id="FC-SUP", currency="EUR")
    for line_no, (article, received) in enumerate(
        (("FC-LATE", "2025-03-14T08:00:00Z"), ("FC-GOOD", "2025-03-10T08:00:00Z")), start=1
    ):
        world.row(
            "erp.purchase_order_line",
            po_id="FC-PO",
            line_no=line_no,
            product_id=article,
            to_site_id="FC-DC",
            ordered_qty=100,
            uom="EA",
            promised_date="2025-03-10",
            first_promised_date="2025-03-10",
        )
        world.row(
            "erp.receipt",
            receipt_id=f"FC-R{line_no}",
            po_id="FC-PO",
            line_no=line_no,
            received_at=received,
            received_qty=100,
        )
    # Released on Friday, picked on Tuesday.
    world.order("FC-PICK")
    world.line("FC-PICK", due="2025-03-10T15:00:00Z")
    world.row(
        "wms.shipment",
        shipment_id="FC-PICK-S",
        created_at="2025-03-07T07:30:00Z",
        released_at="2025-03-07T08:00:00Z",
        pick_started_at="2025-03-11T08:00:00Z",
        pick_ended_at="2025-03-11T09:00:00Z",
        packed_at="2025-03-11T10:00:00Z",
        departed_at="2025-03-11T12:00:00Z",
    )
    world.row(
        "wms.shipment_line",
        shipment_id="FC-PICK-S",
        line_no=1,
        order_id="FC-PICK",
        order_line_no=1,
        schedule_no=1,
        product_id="P-ANY",
        shipped_qty=100,
        uom="EA",
    )
    world.event("FC-PICK-S", "DELIVERED", "2025-03-12T10:00:00Z")
    # Nothing is known of it.
    world.order("FC-NEVER")
    world.line("FC-NEVER", due=DUE)


def told(world: World) -> None:
    world.order("FC-KNOWN")
    world.line("FC-KNOWN", due=DUE)


def decided(log: Log) -> None:
    verdict = {"order_id": "FC-KNOWN", "line_no": 1, "schedule_no": 1}
    for day, cause in (("2025-04-01", "CAPACITY"), ("2025-04-02", "CUSTOMER_CHANGE")):
        log.at(f"{day} 09:00")
        payload = verdict | {"cause_code": cause}
        log.take("failure_cause_override", "FC-KNOWN|1|1", "ola (sales)", payload)


@pytest.fixture
def causes(ask):
    """Cause, share and evidence of a line, the first cause before the others."""

    def of(order):
        rows = ask(
            "select cause_code, share, evidence from marts.fct_failure_cause"
            f" where order_id = '{order}' order by is_primary desc"
        )
        return [(row["cause_code"], row["share"], row["evidence"]) for row in rows]

    return of


@pytest.mark.parametrize(
    ("order", "cause"),
    [
        ("FC-CREDIT", "CREDIT_HOLD"),
        ("FC-REFUSED", "CUSTOMER_REFUSED"),
        ("FC-SUPPLIER", "SUPPLIER_LATE"),
        ("FC-STOCK", "STOCK_TOO_LOW"),
        ("FC-PICK", "PICKED_LATE"),
        ("FC-NEVER", "NOT_SHIPPED"),
    ],
)
def test_the_first_thing_that_went_wrong_on_the_way_is_the_cause(causes, order, cause):
    assert [(one, share) for one, share, _ in causes(order)] == [(cause, 1.0)]


def test_what_else_was_seen_is_kept_as_evidence(causes):
    [(_, _, evidence)] = causes("FC-CREDIT")
    assert {"credit_held", "carrier_exception"} <= set(evidence.split("|"))


def test_a_line_that_was_short_and_late_has_two_causes_that_weigh_alike(causes):
    found = [(cause, share) for cause, share, _ in causes("FC-TWO")]
    assert found == [("PICK_ERROR", 0.5), ("CARRIER_DELAY", 0.5)]


def test_the_weekend_does_not_count_as_waiting(ask):
    [row] = ask("from marts.fct_order_stage where order_id = 'FC-PICK'")
    # Friday 08:00 to Tuesday 09:00 are two days and an hour; when it was loaded nobody says.
    assert row["pick_minutes"] == 2 * 1440 + 60
    assert row["load_minutes"] is None


def test_a_person_who_knows_better_is_believed_and_the_rules_stay_beside(people):
    [row] = people("from marts.fct_failure_cause where order_id = 'FC-KNOWN'")
    assert (row["cause_code"], row["overriding_cause_code"]) == ("NOT_SHIPPED", "CUSTOMER_CHANGE")
    assert row["effective_cause_code"] == "CUSTOMER_CHANGE"
    assert (row["overridden_by"], row["override_reason"]) == ("ola", "agreed upon")
    [shown] = people(
        "select sum(overridden_lines) as n from marts.mart_failure_attribution"
        " where cause_code = 'CUSTOMER_CHANGE'"
    )
    assert shown["n"] == 1
