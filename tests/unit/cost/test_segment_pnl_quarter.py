"""A quarter beside the one before, the year before and the plan; its difference split exactly.

Amounts are in euro; January to March 2025 is the first quarter, April to June the second.
"""

import math
from datetime import date
from decimal import Decimal

import pytest
from cost_company import CostCompany
from test_segment_pnl_bridge import anything

FIRST, SECOND = "2025-Q1", "2025-Q2"
EFFECTS = ("customers_effect_group", "lines_effect_group", "rate_effect_group")


def quarter_of(one: CostCompany, through: date = date(2025, 7, 1)) -> dict[tuple, dict]:
    rows = one.solved(through)["segment_pnl_quarter"]
    return {(r["fiscal_quarter"], r["segment_key"], r["line_code"]): r for r in rows}


def whole(one: CostCompany, months: int = 6) -> CostCompany:
    """Something in every month, of a segment that nothing is asked of."""
    for month in range(1, months + 1):
        one.sale("REST", month, 1, 1, 1, "D0", product_id="REST")
    return one


def test_lines_of_a_quarter_are_the_sum_of_its_periods_and_end_where_the_bridge_ends():
    made = anything(3).solved(date(2025, 7, 1))
    profit: dict[tuple, Decimal] = {}
    for row in made["segment_pnl"]:
        key = row["fiscal_quarter"], row["segment_key"]
        profit[key] = profit.get(key, Decimal(0)) + row["net_to_serve_group"]
    quarters = {
        (row["fiscal_quarter"], row["segment_key"]): row
        for row in made["segment_pnl_quarter"]
        if row["line_code"] == "NET_TO_SERVE"
    }
    assert {key: quarters[key]["amount_group"] for key in profit} == profit
    for step in made["segment_pnl_bridge"]:
        row = quarters[step["fiscal_quarter"], step["segment_key"]]
        if step["step_code"] == "CURRENT":
            assert row["amount_group"] == pytest.approx(step["amount_group"], abs=Decimal("0.01"))
        if step["step_code"] == "PRIOR":
            expected = pytest.approx(step["amount_group"], abs=Decimal("0.01"))
            assert row["prior_amount_group"] == expected


def test_quarter_before_and_year_before_stand_beside_it_and_what_is_not_known_is_null():
    one = whole(CostCompany(), 12)
    for month in range(1, 4):
        one.add(
            "calendar",
            calendar_id="M",
            fiscal_period_id=f"2026-{month:02d}",
            fiscal_year=2026,
            quarter_no=1,
            start_date=date(2026, month, 1),
            end_date=date(2026, month + 1, 1),
        )
    one.sale("A", 1, 1, 100, 60, "S1")
    one.sale("A", 10, 1, 130, 60, "S1")
    new = {"fiscal_period_id": "2026-02", "posting_date": date(2026, 2, 15)}
    one.sale("REST", 1, 1, 1, 1, "D0", product_id="REST", **new)
    found = quarter_of(one, date(2026, 4, 1))
    row = found["2026-Q1", "service:S1", "NET_REVENUE"]
    # The segment sold nothing in it; it is there because it did before.
    assert (row["amount_group"], row["prior_amount_group"]) == (0, 130)
    assert row["year_before_amount_group"] == 100
    first = found[FIRST, "service:S1", "NET_REVENUE"]
    assert (first["prior_amount_group"], first["year_before_amount_group"]) == (None, None)


def test_twice_the_customers_lines_and_amounts_have_a_third_of_the_difference_each():
    one = whole(CostCompany())
    one.sale("A", 1, 1, 100, 60, "S1")
    for entity in ("A", "B"):
        for _ in range(2):
            one.sale(entity, 4, 1, 200, 60, "S1")
    row = quarter_of(one)[SECOND, "service:S1", "NET_REVENUE"]
    assert (row["amount_group"], row["prior_amount_group"]) == (800, 100)
    assert [float(row[name]) for name in EFFECTS] == pytest.approx([700 / 3] * 3, abs=1e-3)


def test_weights_are_the_logarithmic_mean():
    one = whole(CostCompany())
    one.sale("A", 1, 1, 100, 60, "S1")
    for entity in ("A", "B"):
        one.sale(entity, 4, 1, 75, 60, "S1")
    row = quarter_of(one)[SECOND, "service:S1", "NET_REVENUE"]
    mean = 50 / math.log(1.5)
    expected = [mean * math.log(2), 0, mean * math.log(0.75)]
    assert [float(row[name]) for name in EFFECTS] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_effects_add_up_to_the_difference_or_there_are_none(seed):
    rows = quarter_of(anything(seed)).values()
    split = [row for row in rows if row["rate_effect_group"] is not None]
    assert split
    for row in split:
        difference = row["amount_group"] - row["prior_amount_group"]
        assert sum(row[name] for name in EFFECTS) == difference
    others = [row for row in rows if row["rate_effect_group"] is None]
    for row in others:
        amounts = row["amount_group"], row["prior_amount_group"]
        assert None in amounts or amounts[0] * amounts[1] <= 0
        assert {row[name] for name in EFFECTS} == {None}


def plan(one: CostCompany, segment, family, amount, months=(4, 5, 6), **values):
    for month in months:
        one.add(
            "budget",
            fiscal_period_id=f"2025-{month:02d}",
            segment_code=segment,
            product_family=family,
            amount_group=amount,
            **values,
        )


def families(one: CostCompany) -> None:
    """S1 bought three quarters of the tea and none of the coffee in the first quarter."""
    for product, family in (("T", "tea"), ("C", "coffee"), ("REST", "rest")):
        one.add("product", product_id=product, product_family=family)
    one.sale("A", 1, 1, 300, 60, "S1", product_id="T")
    one.sale("B", 1, 1, 100, 60, "S2", product_id="T")
    one.sale("B", 1, 1, 700, 60, "S2", product_id="C")


def test_a_plan_of_the_company_is_shared_out_by_what_segments_bought_of_its_family_before():
    one = whole(CostCompany())
    families(one)
    plan(one, None, "tea", "33.3333", cogs_amount_group="10.0001")
    found = quarter_of(one)
    upper = found[SECOND, "service:S1", "NET_REVENUE"]
    lower = found[SECOND, "service:S2", "NET_REVENUE"]
    assert (upper["budget_basis"], lower["budget_basis"]) == ("ALLOCATED", "ALLOCATED")
    assert upper["budget_amount_group"] == pytest.approx(Decimal("75"), abs=Decimal("0.001"))
    total = upper["budget_amount_group"] + lower["budget_amount_group"]
    assert total == 3 * Decimal("33.3333"), "to the last digit"
    cogs = found[SECOND, "service:S1", "COGS"]["budget_amount_group"]
    profit = found[SECOND, "service:S1", "GROSS_PROFIT"]["budget_amount_group"]
    assert profit == upper["budget_amount_group"] - cogs
    assert found[SECOND, "service:S1", "FREIGHT"]["budget_amount_group"] is None
    assert found[SECOND, "-2", "NET_REVENUE"]["budget_amount_group"] is None


def test_a_plan_for_all_goods_is_shared_out_by_all_that_was_bought():
    one = whole(CostCompany())
    families(one)
    plan(one, None, None, "110.1")
    found = quarter_of(one)
    shares = {
        key: float(found[SECOND, f"service:{key}", "NET_REVENUE"]["budget_amount_group"])
        for key in ("S1", "S2", "D0")
    }
    # 300, 800 and the 3 of the rest.
    expected = {"S1": 300, "S2": 800, "D0": 3}
    total = sum(expected.values())
    assert shares == {
        key: pytest.approx(330.3 * value / total, abs=1e-3) for key, value in expected.items()
    }


def test_beside_plans_of_segments_that_of_the_company_is_only_their_total():
    one = whole(CostCompany())
    families(one)
    plan(one, "S1", "tea", 50)
    plan(one, "S1", "coffee", 20)
    plan(one, None, None, 500)
    found = quarter_of(one)
    row = found[SECOND, "service:S1", "NET_REVENUE"]
    assert (row["budget_amount_group"], row["budget_basis"]) == (210, "SEGMENT")
    whole_company = found[SECOND, "-2", "NET_REVENUE"]
    assert (whole_company["budget_amount_group"], whole_company["budget_basis"]) == (
        1500,
        "COMPANY",
    )
    assert found[SECOND, "service:S2", "NET_REVENUE"]["budget_amount_group"] is None


def test_a_plan_that_nobody_can_share_stays_that_of_the_company():
    one = whole(CostCompany())
    families(one)
    plan(one, None, "cocoa", 10)
    row = quarter_of(one)[SECOND, "-2", "NET_REVENUE"]
    assert (row["budget_amount_group"], row["budget_basis"]) == (30, "COMPANY")


def test_a_plan_that_lacks_a_month_or_a_rate_is_no_plan():
    one = whole(CostCompany())
    families(one)
    plan(one, "S1", "tea", 50, months=(4, 5))
    plan(one, "S2", "tea", 50)
    plan(one, "S2", "coffee", None)
    found = quarter_of(one)
    for segment in ("S1", "S2"):
        row = found[SECOND, f"service:{segment}", "NET_REVENUE"]
        assert (row["budget_amount_group"], row["budget_basis"]) == (None, None)


def test_what_came_after_the_books_were_closed_is_in_the_amount_and_not_in_the_report():
    one = whole(CostCompany())
    one.sale("A", 4, 10, 1_000, 600, "S1", is_late_for_closed_period=False)
    one.sale("A", 4, 1, 77, 50, "S1", is_late_for_closed_period=True)
    found = quarter_of(one)
    revenue, profit = (
        found[SECOND, "service:S1", code] for code in ("NET_REVENUE", "GROSS_PROFIT")
    )
    assert (revenue["amount_group"], revenue["reported_amount_group"]) == (1_077, 1_000)
    assert (profit["amount_group"], profit["reported_amount_group"]) == (427, 400)
    assert found[SECOND, "service:S1", "ACTIVITY"]["reported_amount_group"] is None
