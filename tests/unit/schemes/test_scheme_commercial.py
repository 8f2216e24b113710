"""Conflicts between contracts, incentives and tiers; who has to sign before a scheme is active."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from dagster_project.errors import RedError
from dagster_project.schemes.closed import Closed
from dagster_project.schemes.commercial import (
    EVERGREEN,
    Contracts,
    Incentives,
    Limits,
    align,
    codes,
    promise_class,
    rep_tau,
)
from dagster_project.schemes.policy import PurposeRow
from dagster_project.schemes.quarters import last_quarters
from dagster_project.schemes.signoff import check_signed, signoff_state

DAY = 20_000
LIMITS = Limits(np.array([150.0, 75.0, 20.0, 0.0]), expiry_days=90, min_customers=3, low_rank=3)
NOBODY = Incentives(*(np.empty(0, dtype=np.int64),) * 2, np.empty(0))


def contracts(*rows):
    """Contracts of customer 0 unless told otherwise, in force without an end."""
    full = [
        {"entity": 0, "start": 0, "end": EVERGREEN, "auto": False, "cls": 0, "floor": 0}
        | {"value": np.nan}
        | row
        for row in rows
    ]
    columns = [
        np.array([row[name] for row in full])
        for name in ("entity", "start", "end", "auto", "cls", "floor", "value")
    ]
    kinds = (np.int64, np.int64, np.int64, np.bool_, np.int64, np.int64, np.float64)
    return Contracts(*(c.astype(kind) for c, kind in zip(columns, kinds, strict=True)))


def conflicts(rank, held=(), incentives=NOBODY, key=False):
    ranks = np.atleast_1d(rank)
    keys = np.full(len(ranks), key)
    found = align(ranks, keys, contracts(*held), incentives, DAY, LIMITS)
    return codes(found.conflicts).tolist()


def test_contract_of_the_first_tier_on_a_customer_of_the_fourth_is_c1():
    assert conflicts(4, [{"cls": 1}]) == ["C1"]
    assert conflicts(4, [{"floor": 1}]) == ["C1"]
    assert conflicts(1, [{"cls": 1}]) == [None]


def test_of_several_contracts_the_strongest_counts_and_an_ended_one_does_not():
    assert conflicts(2, [{"cls": 3}, {"cls": 1}]) == ["C1"]
    assert conflicts(2, [{"cls": 3}, {"cls": 1, "end": DAY}]) == [None]
    assert conflicts(2, [{"cls": 1, "start": DAY + 1}]) == [None]


def test_tier_better_than_the_contracts_together_pay_for_is_c2():
    assert conflicts(1, [{"value": 100.0}]) == ["C2"]
    assert conflicts(1, [{"value": 100.0}, {"value": 50.0}]) == [None]
    assert conflicts(1, [{"value": np.nan}]) == [None], "an unknown value proves nothing"
    assert conflicts(1) == [None], "no contract promises nothing"


def reps(*amounts):
    """One representative with one customer per amount."""
    n = len(amounts)
    return Incentives(np.zeros(n, dtype=np.int64), np.arange(n), np.array(amounts, dtype=float))


def test_representative_who_earns_most_by_the_lowest_tier_is_c3_for_all_its_customers():
    ranks = np.array([1, 2, 3, 4])
    assert conflicts(ranks, incentives=reps(10, 20, 30, 40)) == ["C3"] * 4
    assert conflicts(ranks, incentives=reps(40, 30, 20, 10)) == [None] * 4
    assert conflicts(ranks[:2], incentives=reps(10, 20)) == [None] * 2, "too few to compare"


def test_tau_with_ties_is_the_documented_one():
    """Example of `scipy.stats.kendalltau`: pairs that are tied in either count half."""
    rank = 13 - np.array([12, 2, 1, 12, 2])
    [found] = rep_tau(reps(1, 4, 7, 1, 0), rank, 3)
    assert found == pytest.approx(-0.47140452079103173)


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from([0.0, 1.5, 2.0, 7.25, 9.0])),
        min_size=2,
        max_size=40,
    )
)
def test_tau_is_that_of_scipy(customers):
    ranks, amounts = zip(*customers, strict=True)
    [found] = rep_tau(reps(*amounts), np.array(ranks), 2)
    expected = kendalltau(-np.array(ranks), np.array(amounts)).statistic
    assert found == pytest.approx(expected, nan_ok=True)


def test_floor_that_ends_within_ninety_days_is_c4_unless_it_renews_or_another_goes_on():
    ending = {"floor": 2, "end": DAY + 90}
    assert conflicts(2, [ending]) == ["C4"]
    assert conflicts(2, [ending | {"end": DAY + 91}]) == [None]
    assert conflicts(2, [ending | {"auto": True}]) == [None]
    assert conflicts(2, [ending, {"floor": 2}]) == [None]
    assert conflicts(1, [ending]) == [None], "a better tier does not rest on the floor"


def test_key_account_in_the_third_tier_or_below_is_c5():
    assert conflicts(np.array([2, 3, 4]), key=True) == [None, "C5", "C5"]


def test_customer_without_a_tier_has_no_conflict():
    assert conflicts(0, [{"cls": 1, "value": 1.0}], key=True) == [None]


def test_class_of_a_contract_is_the_best_tier_whose_promise_it_reaches():
    by_rank = np.array([0.98, 0.95, 0.92, 0.90])
    promised = np.array([0.99, 0.95, 0.94, 0.5, np.nan])
    assert promise_class(promised, by_rank).tolist() == [1, 2, 3, 4, 0]


@given(st.permutations(range(6)))
def test_order_of_contracts_and_incentives_changes_nothing(order):
    held = contracts(
        *({"entity": k % 3, "cls": k % 4 + 1, "floor": k % 3, "value": 10.0 * k} for k in range(6))
    )
    paid = Incentives(
        np.array([0, 0, 0, 1, 1, 1]), np.arange(6) % 3, np.array([5, 5, 1, 2, 5, 3.0])
    )
    rank, key = np.array([1, 2, 3]), np.zeros(3, dtype=bool)
    o = np.array(order)
    shuffled = [
        type(one)(*(getattr(one, name)[o] for name in one.__dataclass_fields__))
        for one in (held, paid)
    ]
    expected = align(rank, key, held, paid, DAY, LIMITS)
    found = align(rank, key, *shuffled, DAY, LIMITS)
    for name in expected.__dataclass_fields__:
        assert np.array_equal(getattr(expected, name), getattr(found, name), equal_nan=True), name


def test_running_quarter_ends_with_the_closed_month_and_the_calendar_is_the_companys_own():
    def period(calendar, year, quarter, number, start, end):
        return {
            "calendar_id": calendar,
            "fiscal_period_id": f"{calendar}-{year}-{number:02d}",
            "fiscal_year": year,
            "quarter_no": quarter,
            "start_date": start,
            "end_date": end,
        }

    periods = [
        period("RETAIL", 2025, 1, 1, date(2025, 2, 2), date(2025, 3, 2)),
        period("RETAIL", 2025, 1, 2, date(2025, 3, 2), date(2025, 4, 6)),
        period("RETAIL", 2025, 1, 3, date(2025, 4, 6), date(2025, 5, 4)),
        period("RETAIL", 2025, 2, 4, date(2025, 5, 4), date(2025, 6, 1)),
        period("RETAIL", 2025, 2, 5, date(2025, 6, 1), date(2025, 7, 6)),
        period("MONTH", 2025, 2, 5, date(2025, 5, 1), date(2025, 6, 1)),
    ]
    found = last_quarters(periods, "RETAIL", Closed(2025 * 12 + 4, 5), 4)
    assert [(one.name, one.day) for one in found] == [
        ("2025-Q1", date(2025, 5, 3)),
        ("2025-Q2", date(2025, 5, 31)),
    ]
    assert found[1].periods == ("RETAIL-2025-04",)


# Sign-offs --------------------------------------------------------------------------------------


def scheme(**values):
    full = {
        "scheme_id": "service",
        "purpose": "SERVICE_DIFFERENTIATION",
        "status": "ACTIVE",
        "owner": "supply_chain",
        "consumer": "order_promising",
        "coding": "TIER",
        "version": "2",
        "needs_signoff": True,
        "valid_from": date(2026, 1, 1),
    }
    return PurposeRow(**(full | values))


def signed(*roles, version="2", verdict="approve", first=1):
    return [
        {"seq": first + k, "role": role, "scheme_id": "service"}
        | {"scheme_version": version, "verdict": verdict}
        for k, role in enumerate(roles)
    ]


ALL = ("supply_chain", "sales", "finance")


def test_scheme_is_active_only_with_three_signatures_of_its_version():
    check_signed([scheme()], signed(*ALL))
    with pytest.raises(RedError) as caught:
        check_signed([scheme()], signed("supply_chain", "sales"))
    assert "no sign-off of version 2 by finance" in caught.value.why
    assert "tierline decide signoff service --scheme-version 2" in caught.value.fix
    with pytest.raises(RedError, match="supply_chain, sales, finance"):
        check_signed([scheme()], signed(*ALL, version="1"))


def test_who_takes_a_signature_back_has_not_signed():
    taken_back = signed(*ALL) + signed("sales", verdict="reject", first=9)
    with pytest.raises(RedError, match="by sales"):
        check_signed([scheme()], taken_back)
    check_signed([scheme()], taken_back + signed("sales", first=10))


def test_draft_and_a_scheme_that_needs_no_signature_pass_without():
    check_signed([scheme(status="DRAFT"), scheme(needs_signoff=False)], [])
    assert signoff_state(scheme(needs_signoff=False), []) == "not asked for"
    assert signoff_state(scheme(), []) == "not signed"
    assert signoff_state(scheme(), signed("sales")) == "signed by sales"
