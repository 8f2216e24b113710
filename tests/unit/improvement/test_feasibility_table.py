"""A service is judged per warehouse and weekday, by its calendar, its goods and its own reach.

All times are those of Berlin in winter, an hour ahead of UTC; the window is January 2025.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from dagster_project.analytics.tables import MemoryTables
from dagster_project.improvement.feasibility_table import feasibility_table
from dagster_project.improvement.policy import parse_settings
from dagster_project.schemes.closed import Closed
from dagster_project.settings import SEEDS_DIR

JANUARY = Closed(2025 * 12, 5)
BEFORE, NEVER = datetime(2020, 1, 1), datetime(9999, 12, 31)
HOLIDAY = date(2025, 1, 6)  # a Monday
MONDAYS = [date(2025, 1, day) for day in (6, 13, 20, 27)]
SERVICE = {
    "service_id": "SAME_DAY",
    "site_id": "*",
    "scheme_id": "service",
    "eligible_segments": "S1",
    "excluded_goods": "HAZMAT COLD_CHAIN",
    "weekdays": "1 2 3 4 5",
    "works_on": "CALENDAR",
    "time_zone": "UTC",
    "cutoff_hour": 12,
    "pickup_hour": 14,
    "open_hour": 8,
    "close_hour": 18,
    "orders_per_hour": 1.0,
    "transit_hours": 6.0,
    "speed_km_h": 50.0,
    "circuity": 1.0,
    "cost_per_order_group": 10.0,
    "cost_per_day_group": 0.0,
    "target": 0.9,
}
TIMES = pa.timestamp("us")


class Warehouses:
    """Two warehouses, a near customer of each tier and a far one of the first."""

    def __init__(self, **service):
        self.service = [SERVICE | service]
        self.orders = []

    def order(self, day, hour, entity="A", count=1, site="DC1", **values):
        """Add orders of an hour in Berlin; ``ship_to`` is the place of the entity."""
        at = datetime(day.year, day.month, day.day, hour, 15) - timedelta(hours=1)
        for _ in range(count):
            self.orders.append(
                {
                    "order_id": f"O{len(self.orders):05d}",
                    "ordered_at": at,
                    "ordered_date": day,
                    "known_at": at,
                    "entity_id": entity,
                    "ship_to_site_id": "FAR" if entity == "FAR" else "NEAR",
                    "ship_from_site_id": site,
                    "is_from_several_sites": False,
                    "has_hazmat": False,
                    "has_cold_chain": None,
                }
                | values
            )

    def judged(self, months=1):
        settings = replace(settings_of_policy(), feasibility_months=months)
        rows = feasibility_table(self.tables(), JANUARY, settings).to_pylist()
        return {(row["service_id"], row["site_id"], row["iso_weekday"]): row for row in rows}

    def tables(self):
        depot = {"latitude": 50.0, "longitude": 10.0, "tz_name": "Europe/Berlin"}
        nowhere = {"tz_name": None, "receiving_calendar_id": None}
        sites = [
            {"site_id": "DC1", **depot, "receiving_calendar_id": "WORK"},
            {"site_id": "DC2", **depot, "receiving_calendar_id": None},
            {"site_id": "NEAR", "latitude": 50.1, "longitude": 10.0, **nowhere},
            {"site_id": "FAR", "latitude": 55.0, "longitude": 10.0, **nowhere},
        ]
        month = [date(2025, 1, 1) + timedelta(days=k) for k in range(31)]
        calendar = [
            {
                "calendar_id": "WORK",
                "calendar_date": day,
                "is_working": day.isoweekday() < 6 and day != HOLIDAY,
            }
            for day in month
        ]
        tiers = {"A": "S1", "FAR": "S1", "C": "S3", "D": "S4"}
        beliefs = [
            {
                "scheme_id": "service",
                "entity_id": entity,
                "segment_code": code,
                "valid_from": date(2020, 1, 1),
                "valid_to": date(9999, 12, 31),
                "recorded_from": BEFORE,
                "recorded_to": NEVER,
            }
            for entity, code in tiers.items()
        ]
        segments = [
            {"scheme_id": "service", "segment_code": f"S{rank}", "tier_rank": rank}
            for rank in range(1, 5)
        ]
        flags = [("has_hazmat", pa.bool_()), ("has_cold_chain", pa.bool_())]
        orders = pa.Table.from_pylist(self.orders)
        for name, kind in flags:
            place = orders.schema.get_field_index(name)
            orders = orders.set_column(place, name, orders[name].cast(kind))
        return MemoryTables(
            {
                "intermediate.int_order__header": orders,
                "intermediate.int_customer__site": pa.Table.from_pylist(sites),
                "staging.stg_erp__working_calendar": pa.Table.from_pylist(calendar),
                "analytics.segment_assignment": pa.Table.from_pylist(beliefs),
                "policy.segment": pa.Table.from_pylist(segments),
                "policy.premium_service": pa.Table.from_pylist(self.service),
            }
        )


def settings_of_policy():
    import csv

    path = SEEDS_DIR / "policy" / "improvement_setting.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return parse_settings(csv.DictReader(file))


def mondays(one, hour, **values):
    for day in MONDAYS[1:]:
        one.order(day, hour, **values)


def test_five_hours_by_hand_with_whole_and_half_capacity():
    one = Warehouses(open_hour=9, close_hour=14, pickup_hour=14, orders_per_hour=2.0)
    mondays(one, 9, count=6)
    mondays(one, 11, count=5)
    row = one.judged()["SAME_DAY", "DC1", 1]
    # Backlog 4, 2, 5, 3, 1: ten of eleven leave; with one an hour 5, 4, 8, 7, 6: five of eleven.
    assert row["attainment"] == pytest.approx(10 / 11)
    assert row["attainment_at_half_capacity"] == pytest.approx(5 / 11)
    # Of the five of hour eleven four leave.
    assert row["attainment_last_hour"] == pytest.approx(4 / 5)
    assert (row["orders_per_day"], row["orders_on_peak_day"]) == (11, 11)
    assert row["capacity_left_per_hour"] == 0


def test_halving_the_capacity_again_and_again_never_helps():
    found = []
    for able in (16.0, 8.0, 4.0, 2.0, 1.0):
        one = Warehouses(orders_per_hour=able)
        for hour in range(7, 14):
            mondays(one, hour, count=9)
        found.append(one.judged()["SAME_DAY", "DC1", 1])
    kept = [row["attainment"] for row in found]
    assert kept == sorted(kept, reverse=True)
    assert kept[0] == 1
    assert len(set(kept[1:])) == 4
    assert [row["attainment_at_half_capacity"] for row in found[:-1]] == kept[1:]


def test_each_warehouse_has_its_own_capacity_orders_and_rows():
    one = Warehouses()
    mondays(one, 9, count=2, site="DC1")
    mondays(one, 9, count=20, site="DC2")
    mondays(one, 9, site=None)
    found = one.judged()
    assert {site for _, site, _ in found} == {"DC1", "DC2", "(unknown)"}
    assert found["SAME_DAY", "DC1", 1]["attainment"] == 1
    assert found["SAME_DAY", "DC2", 1]["attainment"] == pytest.approx(5 / 20)
    # Where orders do not say where they leave from, nobody knows how far it is.
    assert found["SAME_DAY", "(unknown)", 1]["reach_share"] is None


def test_a_warehouse_with_a_row_of_its_own_is_judged_by_it():
    one = Warehouses()
    one.service.append(SERVICE | {"site_id": "DC2", "orders_per_hour": 4.0})
    mondays(one, 9, count=20, site="DC1")
    mondays(one, 9, count=20, site="DC2")
    found = one.judged()
    assert found["SAME_DAY", "DC1", 1]["attainment"] == pytest.approx(5 / 20)
    assert found["SAME_DAY", "DC2", 1]["attainment"] == 1


def test_dangerous_cooled_and_scattered_orders_are_work_but_not_of_the_service():
    one = Warehouses(orders_per_hour=4.0)
    mondays(one, 9)
    mondays(one, 9, has_hazmat=True)
    mondays(one, 9, has_cold_chain=True)
    mondays(one, 9, is_from_several_sites=True)
    row = one.judged()["SAME_DAY", "DC1", 1]
    assert (row["orders_per_day"], row["eligible_share"]) == (1, 0.25)
    assert row["feasible_share"] == pytest.approx(0.25)
    # They are picked in the same hours.
    assert row["capacity_left_per_hour"] == pytest.approx((6 * 4 - 4) / 6)
    anything = Warehouses(excluded_goods=None)
    mondays(anything, 9, has_hazmat=True)
    assert anything.judged()["SAME_DAY", "DC1", 1]["eligible_share"] == 1


def test_orders_of_a_holiday_and_a_weekend_are_there_on_the_next_working_day():
    one = Warehouses(orders_per_hour=9.0)
    one.order(date(2025, 1, 4), 11)  # Saturday
    one.order(HOLIDAY, 9, count=2)
    one.order(date(2025, 1, 7), 9)  # Tuesday
    found = one.judged()
    monday, tuesday = found["SAME_DAY", "DC1", 1], found["SAME_DAY", "DC1", 2]
    assert (monday["days_count"], monday["closed_days_count"]) == (3, 1)
    assert monday["null_reason"] == "no order that the service takes"
    # Four Tuesdays, of which the first has those of three days.
    assert tuesday["orders_per_day"] == pytest.approx(4 / 4)
    assert tuesday["orders_on_peak_day"] == 4


def test_a_saturday_service_brings_its_own_shift_where_the_calendar_is_shut():
    saturday = {"weekdays": "6", "cost_per_day_group": 30.0, "orders_per_hour": 9.0}
    shut = Warehouses(**saturday)
    own = Warehouses(**saturday, works_on="OWN_SHIFT")
    for one in (shut, own):
        for day in (4, 11, 18, 25):
            one.order(date(2025, 1, day), 9, count=3)
    row = shut.judged()["SAME_DAY", "DC1", 6]
    assert (row["days_count"], row["closed_days_count"]) == (0, 4)
    assert (row["null_reason"], row["is_feasible"]) == ("never open on this day", False)
    row = own.judged()["SAME_DAY", "DC1", 6]
    assert (row["days_count"], row["attainment"]) == (4, 1)
    # Three orders share the shift: 10 and a third of 30.
    assert row["cost_per_order_group"] == pytest.approx(20)
    assert row["break_even_fee_group"] == pytest.approx(20)


def test_places_out_of_reach_lower_what_is_expected_and_raise_the_fee():
    one = Warehouses(orders_per_hour=9.0)
    mondays(one, 9, count=1)
    mondays(one, 9, entity="FAR", count=3)
    row = one.judged()["SAME_DAY", "DC1", 1]
    assert (row["attainment"], row["reach_share"], row["expected_attainment"]) == (1, 0.25, 0.25)
    assert row["break_even_fee_group"] == pytest.approx(40)
    assert not row["is_feasible"]
    nobody = Warehouses()
    mondays(nobody, 9, entity="FAR")
    assert nobody.judged()["SAME_DAY", "DC1", 1]["expected_attainment"] == 0


def test_tiers_below_wait_and_the_row_says_which():
    one = Warehouses(open_hour=8, close_hour=14, orders_per_hour=2.0)
    mondays(one, 8, entity="C", count=4)
    mondays(one, 9, entity="D", count=8)
    mondays(one, 11, count=4)
    row = one.judged()["SAME_DAY", "DC1", 1]
    # Twelve places: without the service C and D take them all; with it four of D wait.
    assert row["attainment"] == 1
    assert row["displaced_orders_per_day"] == pytest.approx(4)
    assert row["displaced_lower_tiers_per_day"] == pytest.approx(4)
    assert row["displaced_by_segment"] == "S4 4.00"


def test_a_busy_day_decides_and_not_the_average_one():
    one = Warehouses(orders_per_hour=1.0)
    for day in (date(2025, 1, 1) + timedelta(days=k) for k in range(31)):
        if day.isoweekday() == 1 and day != HOLIDAY:
            one.order(day, 9, count=20 if day == MONDAYS[3] else 2)
    row = one.judged()["SAME_DAY", "DC1", 1]
    assert row["orders_on_peak_day"] == 20
    assert row["attainment_on_peak"] == pytest.approx(5 / 20)
    assert row["attainment"] > row["attainment_on_peak"]
    assert not row["is_feasible"]
