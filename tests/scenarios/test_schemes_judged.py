"""A company of six customers whose contracts, incentives, sites and answers contradict their tiers.

The best customer orders for a hundred times as much as the smallest; both belong to one holding and
receive goods in the same street. FADE was large and is small since 2024.
"""

import csv
import datetime as dt

import pytest

from dagster_project.settings import SEEDS_DIR

from .small_company import ask, built
from .world import World

MONTHS = [dt.date(2023 + k // 12, k % 12 + 1, 3) for k in range(30)]
"""January 2023 to June 2025; May 2025 is the last month that was evaluated."""
FADED = dt.date(2024, 1, 1)
CUSTOMERS = {
    "BIG": (3, 5000),
    "GOOD": (2, 2500),
    "FAIR": (2, 900),
    "LOW": (1, 300),
    "TINY": (1, 50),
}
"""Orders a month and the net of each."""
LEAD_TIME = {"BIG": 1, "GOOD": 2, "FADE": 8, "FAIR": 4, "LOW": 8, "TINY": 9}
"""Days that each expects."""


def meet(world):
    """The largest and the smallest customer of one holding, a street apart in Hamburg."""
    world.customer("HOLDING")
    for customer, latitude in (("BIG", "53.550300"), ("TINY", "53.551000")):
        world.customer(customer, group_id=customer, parent_customer_id="HOLDING")
        world.site(
            f"ST-{customer}",
            customer_id=customer,
            site_type="CUSTOMER",
            latitude=latitude,
            longitude="9.993600",
            country="DE",
        )


def order_all(world):
    plan = [(name, month, *CUSTOMERS[name]) for name in CUSTOMERS for month in MONTHS]
    plan += [("FADE", month, *((3, 4000) if month < FADED else (1, 60))) for month in MONTHS]
    for customer, month, orders, net in plan:
        for k in range(orders):
            name = f"{customer}-{month:%y%m}-{k}"
            day = month + dt.timedelta(days=5 * k)
            asked = day + dt.timedelta(days=4)
            world.order(
                name,
                sold_to_customer_id=customer,
                ship_to=f"ST-{customer}",
                ordered_at=f"{day}T09:00:00Z",
                requested_at=f"{asked}T09:00:00Z",
            )
            world.line(name, qty=10, due=f"{asked}T15:00:00Z")
            world.ship(f"S-{name}", name, qty=10, delivered=None, departed=f"{day}T12:00:00Z")
            world.invoice(
                f"I-{name}",
                {"order": name, "qty": 10, "net": net},
                sold_to_customer_id=customer,
                posting_date=str(day),
            )


def sell(world):
    """TINY was promised what only the best are; its representative lives on it."""
    world.row(
        "crm.contract",
        contract_id="K-TINY",
        version=1,
        customer_id="TINY",
        contract_type="SUPPLY",
        start_date="2022-01-01",
        is_auto_renew=True,
    )
    world.row(
        "crm.contract_sla_term",
        contract_id="K-TINY",
        term_no=1,
        element="OTIF",
        target="0.98",
        unit="ratio",
    )
    world.row(
        "sales_ops.sales_target",
        target_id="T-GOOD",
        sales_rep_id="REP-1",
        fiscal_period_id="2025-05",
        metric="NET_REVENUE",
        customer_id="GOOD",
        target_amount=90000,
        currency="EUR",
        plan_class="GROW",
        discount_class="B",
    )
    for k, customer in enumerate(CUSTOMERS):
        world.row(
            "sales_ops.commission",
            commission_id=f"CM-{customer}",
            sales_rep_id="REP-1",
            fiscal_period_id="2025-05",
            customer_id=customer,
            basis="NET_REVENUE",
            commission_amount=100 * (k + 1),
            currency="EUR",
            is_clawback=False,
        )


def answer(world):
    """Who is in a better tier expects more; one old answer says the opposite and has expired."""
    world.row("crm.survey_campaign", campaign_id="SV-1", survey_type="EXPECTATION")
    for customer, lead_time in LEAD_TIME.items():
        world.row(
            "crm.account",
            account_id=f"A-{customer}",
            customer_id=customer,
            is_key_account=customer == "LOW",
        )
        for number, submitted, expected in (
            (1, "2025-04-10", lead_time),
            (2, "2023-11-30", 10 - lead_time),
        ):
            world.row(
                "crm.survey_response",
                response_id=f"R-{customer}-{number}",
                item_id="EXP_LEAD_TIME",
                campaign_id="SV-1",
                account_id=f"A-{customer}",
                respondent_role="DECISION_MAKER",
                submitted_at=f"{submitted}T10:00:00Z",
                expectation=expected,
                is_anonymous=False,
            )


def employ(world):
    """Everybody who answers for something works here; the head of sales has left in June."""
    with (SEEDS_DIR / "policy" / "segment_raci.csv").open(newline="") as handle:
        people = {row["person_id"] for row in csv.DictReader(handle)}
    for person in sorted(people):
        gone = person == "head_of_sales"
        world.row(
            "hr.user",
            user_id=person,
            function="SALES",
            is_active=not gone,
            left_date="2025-06-20" if gone else None,
        )


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    world = World()
    for part in (meet, order_all, sell, answer, employ):
        part(world)
    return built(world, tmp_path_factory.mktemp("judged"))


@pytest.fixture(scope="module")
def tier(company):
    rows = ask(
        company,
        "select entity_id, segment_code from marts.dim_customer_segment"
        " where is_current and scheme_id = 'service'",
    )
    return {row["entity_id"]: row["segment_code"] for row in rows}


def test_best_and_smallest_customer_are_far_apart(tier):
    assert tier["BIG"] in ("S1", "S2")
    assert tier["TINY"] == "S4"


# Alignment with sales ---------------------------------------------------------------------------


def conflicts(company):
    rows = ask(
        company,
        "from marts.mart_commercial_alignment where fiscal_quarter = '2025-Q2' order by entity_id",
    )
    return {row["entity_id"]: row for row in rows}


def test_contract_of_the_best_class_on_a_customer_of_the_last_tier_is_c1(company):
    found = conflicts(company)
    assert found["TINY"]["segment_code"] == "S4"
    assert found["TINY"]["contract_class"] == "S1"
    assert [name for name, row in found.items() if row["has_c1_above_tier"]] == ["TINY"]


def test_representative_who_earns_most_by_the_smallest_is_c3(company):
    found = conflicts(company)
    assert {name for name, row in found.items() if row["has_c3_against_tier"]} == set(CUSTOMERS)
    assert found["BIG"]["sales_rep_id"] == "REP-1"
    assert found["BIG"]["rep_kendall_tau"] < 0
    assert found["TINY"]["incentive_group"] == 500


def test_what_the_sales_plan_wants_stands_beside_the_tier(company):
    found = conflicts(company)
    assert (found["GOOD"]["sales_plan_class"], found["GOOD"]["discount_class"]) == ("GROW", "B")
    assert found["GOOD"]["incentive_group"] == 200, "what was paid goes before what is asked for"
    assert found["BIG"]["sales_plan_class"] is None


def test_key_account_in_a_low_tier_is_c5(company, tier):
    found = conflicts(company)
    assert tier["LOW"] in ("S3", "S4")
    assert [name for name, row in found.items() if row["has_c5_key_account_low"]] == ["LOW"]


def test_four_fiscal_quarters_are_looked_at_and_the_running_one_ends_with_the_closed_month(company):
    rows = ask(
        company,
        "select distinct fiscal_quarter, quarter_end_date from marts.mart_commercial_alignment"
        " order by 1",
    )
    assert [row["fiscal_quarter"] for row in rows] == ["2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2"]
    assert rows[-1]["quarter_end_date"] == dt.date(2025, 5, 31)


def test_what_needs_no_signature_says_so(company):
    rows = ask(company, "select distinct signoff from marts.mart_purpose_fitness")
    assert rows == [{"signoff": "not asked for"}]


# Ownership --------------------------------------------------------------------------------------


def test_objects_of_an_owner_who_left_are_findings_that_are_overdue(company):
    rows = ask(company, "from marts.mart_segment_ownership")
    assert {row["object_kind"] for row in rows} == {"SCHEME", "SEGMENT", "RULE", "SLA"}
    assert all(row["accountable_count"] == 1 for row in rows)
    left = [row for row in rows if row["finding_code"]]
    assert {row["object_kind"] for row in left} == {"SLA"}
    assert {row["finding_code"] for row in left} == {"OWNER_LEFT"}
    assert {row["due_date"] for row in left} == {dt.date(2025, 6, 25)}
    assert all(row["is_overdue"] for row in left)


# Perception -------------------------------------------------------------------------------------


def test_neighbours_of_one_holding_with_the_best_and_the_last_tier_are_the_top_pair(company, tier):
    [top] = ask(company, "from marts.mart_tier_visibility_exposure where exposure_rank = 1")
    assert (top["entity_a"], top["entity_b"]) == ("BIG", "TINY")
    assert top["contact_kinds"] == "SAME_AREA SAME_PARENT"
    assert top["tier_gap"] == int(tier["TINY"][1]) - int(tier["BIG"][1])
    assert top["exposure_index"] == top["tier_gap"] * 4
    assert not top["is_label_visible"], "no tier has a label that customers see"


def test_a_single_fall_is_described_without_an_interval(company):
    rows = ask(
        company,
        "from marts.mart_perception_impact where direction = 'DOWN' and outcome = 'ORDERS'"
        " order by relative_months",
    )
    assert [row["relative_months"] for row in rows] == list(range(-6, 7))
    assert all(0 < row["events_count"] < 30 for row in rows)
    assert all(row["is_descriptive_only"] and row["interval_low"] is None for row in rows)


# Feedback ---------------------------------------------------------------------------------------


def test_tiers_follow_the_expected_lead_time_and_expired_answers_do_not_count(company, tier):
    rows = ask(
        company,
        "from marts.mart_segment_expectation_validity where item_id = 'EXP_LEAD_TIME'"
        " order by segment_code",
    )
    mean = {row["segment_code"]: row["mean_expectation"] for row in rows if row["entities_count"]}
    expected = {}
    for customer, lead_time in LEAD_TIME.items():
        expected.setdefault(tier[customer], []).append(lead_time)
    assert mean == pytest.approx({code: sum(days) / len(days) for code, days in expected.items()})
    assert rows[0]["weighted_kappa"] > 0.8
    assert rows[0]["over_served_share"] == rows[0]["under_served_share"] == 0


def test_tier_and_need_meet_in_as_many_customers_as_answered(company):
    [row] = ask(
        company,
        "select sum(entities_count) as n from marts.mart_segment_expectation_validity"
        " where item_id = 'STATED_NEED'",
    )
    assert row["n"] == len(LEAD_TIME)


# A company too young to be judged ----------------------------------------------------------------


def test_company_in_its_first_month_is_not_judged_yet(tmp_path):
    world = World()
    world.order("NEW-1", ordered_at="2025-06-20T09:00:00Z")
    world.line("NEW-1", due="2025-06-25T15:00:00Z")
    world.ship("S-NEW-1", "NEW-1", delivered=None, departed="2025-06-21T12:00:00Z")
    young = built(world, tmp_path)
    for mart in (
        "mart_attribute_selection",
        "mart_reclass_policy_backtest",
        "mart_segment_granularity_frontier",
        "mart_perception_impact",
        "mart_segment_expectation_validity",
    ):
        assert ask(young, f"from marts.{mart}") == [], mart
    fitness = ask(young, "from marts.mart_purpose_fitness")
    assert {row["null_reason"] for row in fitness} == {"fewer than two segments with an outcome"}
