"""The preview of a request says what it touches, and says null where nobody can know."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from dagster_project.errors import UsageError
from dagster_project.governance.requests.floors import NO_FLOORS
from dagster_project.governance.requests.impact import (
    NO_INVOICES,
    closed_periods,
    facts_of,
    family_of,
    impact_of,
    unknown_entity,
)

RANKS = {"S1": 1, "S2": 2, "S3": 3, "S4": 4, "N0": None}
DAY = date(2025, 12, 31)

MARTS = """
create table dim_customer as select * from (values
    ('C1', 'E1', 'P1', 'G1', null), ('C2', 'E1', 'P2', 'G1', 'C1'), ('C3', 'E3', 'P3', 'G1', 'C1'),
    ('C4', 'E4', 'P4', null, null)
) as t(customer_id, entity_id, party_key, group_id, parent_customer_id);
create table dim_customer_segment as select * from (values
    ('service', 'E1', 'S3', true), ('service', 'E1', 'S2', false), ('demand', 'E1', 'A', true),
    ('service', 'E3', 'S1', true)
) as t(scheme_id, entity_id, segment_code, is_current);
create table mart_customer_month as select * from (values
    ('E1', date '2024-12-01', 1000.00), ('E1', date '2025-01-01', 10.50),
    ('E1', date '2025-12-01', 20.25), ('E1', date '2026-01-01', 5000.00)
) as t(entity_id, activity_month, net_amount_group);
create table fct_order_line as select * from (values
    ('O1', 'E1', false, 4.0, 10.0, 100.00, 'ITEM', timestamp '2026-01-20'),
    ('O1', 'E1', false, 2.0, 2.0, 8.00, 'ITEM', timestamp '2026-01-21'),
    ('O2', 'E1', false, 1.0, 1.0, 5.00, 'ITEM', null),
    ('O2', 'E1', false, 1.0, 1.0, 9.00, 'COMPONENT', null),
    ('O3', 'E1', true, 1.0, 1.0, 7.00, 'ITEM', timestamp '2026-01-20'),
    ('O4', 'E1', false, 0.0, 1.0, 7.00, 'ITEM', timestamp '2026-01-20'),
    ('O5', 'E1', false, -1.0, 1.0, 7.00, 'ITEM', timestamp '2026-01-20')
) as t(order_id, entity_id, is_cancelled, open_base_qty, ordered_base_qty, net_amount_group,
    line_role, due_first_at);
create table mart_contract_floor as select * from (values
    ('E1', 'K1', 'S3', date '2025-01-01', date '2026-07-01', date '2025-01-01'),
    ('E1', 'K2', 'S4', date '2025-01-01', null, date '2025-01-01'),
    ('E1', 'K3', 'S1', date '2027-01-01', null, date '2025-06-01')
) as t(entity_id, contract_id, segment_code, start_date, end_date, known_date);
create table dim_fiscal_period as select * from (values
    ('MONTH', date '2025-11-01', date '2025-12-01', 'CLOSED', timestamp '2025-12-05'),
    ('MONTH', date '2025-12-01', date '2026-01-01', 'OPEN', null)
) as t(calendar_id, start_date, end_date, status, closed_at);
"""


@pytest.fixture
def con():
    with duckdb.connect() as found:
        found.execute(MARTS)
        yield found


def test_open_orders_and_the_revenue_of_twelve_months_are_those_of_the_entity(con):
    found = facts_of(con, ["E1"], "service", DAY)["E1"]
    assert found.segment_code == "S3"
    assert found.revenue_12_months == Decimal("30.75")
    assert (found.open_orders, found.open_lines) == (2, 3)
    assert found.open_amount == Decimal("53.00")
    assert found.promised_orders == 1


def test_an_entity_without_orders_has_none_and_its_revenue_is_zero(con):
    found = facts_of(con, ["E4", "E3", "E4"], "service", DAY)
    assert sorted(found) == ["E3", "E4"]
    assert (found["E4"].segment_code, found["E3"].segment_code) == (None, "S1")
    assert (found["E4"].revenue_12_months, found["E4"].open_orders) == (Decimal("0.00"), 0)


def test_without_invoices_revenue_is_null_and_not_zero(con):
    con.execute("update mart_customer_month set net_amount_group = null")
    found = facts_of(con, ["E1"], "service", DAY)["E1"]
    assert (found.revenue_12_months, found.revenue_null_reason) == (None, NO_INVOICES)


def test_direction_and_steps_are_those_between_the_tiers(con):
    found = facts_of(con, ["E1"], "service", DAY)["E1"]
    moves = {new: impact_of(found, new, RANKS) for new in ("S1", "S4", "N0")}
    assert {new: (one.direction, one.steps) for new, one in moves.items()} == {
        "S1": ("UP", 2),
        "S4": ("DOWN", 1),
        "N0": ("SPECIAL", None),
    }


MAY = date(2026, 5, 1)


def test_a_segment_below_what_a_contract_promises_names_the_contract_and_its_end(con):
    known = facts_of(con, ["E1"], "service", DAY)["E1"]
    found = {new: impact_of(known, new, RANKS, effective=MAY) for new in RANKS}
    conflicts = {new: one.has_floor_conflict for new, one in found.items()}
    assert conflicts == {"S1": False, "S2": False, "S3": False, "S4": True, "N0": True}
    worst = found["S4"]
    assert (worst.contract_floor, worst.contract_id) == ("S3", "K1")
    assert worst.contract_end_date == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("effective", "until", "contract"),
    [
        pytest.param(date(2026, 6, 30), None, "K1", id="last day of the contract"),
        pytest.param(date(2026, 7, 1), None, "K2", id="day on which it no longer holds"),
        pytest.param(date(2027, 1, 1), None, "K3", id="first day of a better one"),
        pytest.param(MAY, date(2027, 1, 1), "K3", id="it holds until a better one begins"),
        pytest.param(MAY, date(2026, 12, 31), "K1", id="it ends before"),
    ],
)
def test_the_contract_that_counts_is_the_best_on_the_days_asked_for(
    con, effective, until, contract
):
    known = facts_of(con, ["E1"], "service", DAY)["E1"]
    assert impact_of(known, "S4", RANKS, None, effective, until).contract_id == contract


def test_no_contract_is_no_conflict_and_contracts_that_nobody_knows_are_not_none(con):
    free = impact_of(facts_of(con, ["E3"], "service", DAY)["E3"], "S4", RANKS)
    assert (free.has_floor_conflict, free.contract_id, free.floor_null_reason) == (
        False,
        None,
        None,
    )
    con.execute("drop table mart_contract_floor")
    unknown = impact_of(facts_of(con, ["E1"], "service", DAY)["E1"], "S4", RANKS)
    assert (unknown.has_floor_conflict, unknown.floor_null_reason) == (None, NO_FLOORS)


def test_revenue_is_at_risk_where_a_promise_is_lost(con):
    known = facts_of(con, ["E1"], "service", DAY)["E1"]
    risk = {new: impact_of(known, new, RANKS).revenue_at_risk for new in ("S2", "S4", "N0")}
    assert risk == {"S2": Decimal(0), "S4": Decimal("30.75"), "N0": Decimal("30.75")}


def test_an_entity_that_is_gone_names_the_one_that_took_its_place(con):
    assert facts_of(con, ["C2", "E9"], "service", DAY) == {}
    assert unknown_entity(con, "C2").fix == "Use E1."
    assert "does not know it" in unknown_entity(con, "E9").why


def test_a_family_is_everybody_of_the_group_or_under_the_parent(con):
    assert family_of(con, "G1") == ["E1", "E3"]
    assert family_of(con, "C1") == ["E1", "E3"]
    with pytest.raises(UsageError, match="no family X"):
        family_of(con, "X")


def test_only_closed_periods_are_closed(con):
    assert [row[:2] for row in closed_periods(con)] == [(date(2025, 11, 1), date(2025, 12, 1))]
