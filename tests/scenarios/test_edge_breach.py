"""Breaches of service: opened by the build, taken up by people, and gone up where nobody does.

EB-LATE came two days late and nobody answers; EB-HELD was taken up after three hours; EB-SHORT
lacks four of ten and its clock stands still since noon of the 29th; EB-GONE came late in May;
EB-OPEN should have left and is not due yet; EB-FINE was in time.
"""

import csv
from datetime import datetime

from dagster_project.improvement.escalation import Act, levels_of, parse_levels, standing
from dagster_project.settings import SEEDS_DIR

END = datetime(2025, 7, 1)
DUE = "2025-06-27T15:00:00Z"


def told(world):
    for name, delivered in (("LATE", "2025-06-29"), ("HELD", "2025-06-28"), ("FINE", "2025-06-27")):
        order(world, name, DUE)
        world.ship(f"S-EB-{name}", f"EB-{name}", qty=10, delivered=f"{delivered}T10:00:00Z")
    order(world, "SHORT", DUE)
    world.ship("S-EB-SHORT", "EB-SHORT", qty=6, delivered="2025-06-27T10:00:00Z")
    order(world, "GONE", "2025-05-20T15:00:00Z")
    world.ship("S-EB-GONE", "EB-GONE", qty=10, delivered="2025-05-28T10:00:00Z")
    order(world, "OPEN", "2025-07-03T15:00:00Z", promised_ship_at="2025-06-29T12:00:00Z")


def order(world, name, due, **line):
    world.order(f"EB-{name}", sold_to_customer_id="C-EB", ordered_at="2025-05-10T09:00:00Z")
    world.line(f"EB-{name}", qty=10, due=due, **line)


def decided(log):
    act(log.at("2025-06-28 01:00"), "EB-HELD|LATE", "ack")
    act(log.at("2025-06-28 02:00"), "EB-HELD|LATE", "step", step="expedite", cost_group="80")
    act(log.at("2025-06-28 09:00"), "EB-HELD|LATE", "contain")
    act(log.at("2025-06-29 12:00"), "EB-SHORT|SHORT", "pause", pause_reason="CUSTOMER_WAITS")


def act(log, breach, name, **said):
    payload = {"breach_id": breach, "act": name, **said}
    log.take("breach_act", breach, "ola (customer_service)", payload)


def breaches(people):
    found = people(
        "select * from marts.mart_service_breach where order_id like 'EB-%' order by breach_id"
    )
    return {row["breach_id"]: row for row in found}


def test_missed_and_threatened_orders_are_breaches_and_old_or_kept_ones_are_not(people):
    found = {name: (row["breach_kind"], row["state"]) for name, row in breaches(people).items()}
    assert found == {
        "EB-HELD|LATE": ("ACTUAL", "CONTAINED"),
        "EB-LATE|LATE": ("ACTUAL", "OPEN"),
        "EB-OPEN|LATE": ("PREDICTED", "OPEN"),
        "EB-SHORT|SHORT": ("ACTUAL", "OPEN"),
    }


def test_breach_that_was_made_good_later_stays_one(people):
    late = breaches(people)["EB-LATE|LATE"]
    assert (late["days_late"], float(late["shortfall_amount_group"])) == (2, 100.0)


def test_shortage_is_worth_what_was_missing(people):
    assert float(breaches(people)["EB-SHORT|SHORT"]["shortfall_amount_group"]) == 40.0


def test_cost_of_recovery_is_kept(people):
    held = breaches(people)["EB-HELD|LATE"]
    assert (held["recovery_steps_count"], float(held["recovery_cost_group"])) == (1, 80.0)


def test_mart_and_clock_of_the_command_line_agree_on_every_breach(people):
    with (SEEDS_DIR / "policy" / "escalation_rule.csv").open(newline="") as handle:
        levels = parse_levels(csv.DictReader(handle))
    acts = people("select breach_id, act, decided_at from decisions.breach_act order by seq")
    found = people("select * from marts.mart_service_breach")
    assert found
    for row in found:
        own = [
            Act(one["act"], one["decided_at"])
            for one in acts
            if one["breach_id"] == row["breach_id"]
        ]
        stands = standing(row["opened_at"], own, levels_of(levels, row["segment_key"]), END)
        shown = {"state": stands.state, "level": stands.level, "role": stands.role}
        shown |= {"minutes": round(stands.clock.total_seconds() / 60), "next": stands.next_at}
        assert shown == {
            "state": row["state"],
            "level": row["escalation_level"],
            "role": row["escalated_role"],
            "minutes": round(row["clock_minutes"]),
            "next": row["next_escalation_at"],
        }, row["breach_id"]
