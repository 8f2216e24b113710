"""A company of twelve customers of one size whose service got worse in February 2025.

Each orders twice a month and is delivered in time; from February on two of the twelve get six of
ten on the day. IJ-01 has a contract that is measured by the day it asked for, a day before ours.
"""

import datetime as dt

import pytest

from dagster_project.improvement.outputs import SCHEMAS
from dagster_project.warehouse.build import build

from .people import Log
from .small_company import ask, settings_of
from .world import World

CUSTOMERS = [f"IJ-{number:02d}" for number in range(1, 13)]
MONTHS = [dt.date(2023 + k // 12, k % 12 + 1, 1) for k in range(29)]
"""January 2023 to May 2025, the last month that is closed."""
WORSE = dt.date(2025, 2, 1)
SHORT = CUSTOMERS[10:]
SCORES = [10, 10, 9, 9, 9, 8, 8, 7, 7, 6, 5, 0]
"""Five promoters and three detractors of twelve."""


def deliver(world):
    for customer in CUSTOMERS:
        world.customer(customer)
        world.row("crm.account", account_id=f"A-{customer}", customer_id=customer)
        for month in MONTHS:
            for number, day in enumerate((3, 15)):
                order(world, customer, month + dt.timedelta(days=day), number, month)


def order(world, customer, day, number, month):
    name, due = f"{customer}-{month:%y%m}-{number}", day + dt.timedelta(days=4)
    is_contract = customer == CUSTOMERS[0]
    world.order(
        name,
        sold_to_customer_id=customer,
        ship_to=f"ST-{customer}",
        ordered_at=f"{day}T08:00:00Z",
        contract_id="IJ-K" if is_contract else None,
    )
    asked = due - dt.timedelta(days=1) if is_contract else due
    world.line(name, qty=10, due=f"{due}T15:00:00Z", requested_at=f"{asked}T15:00:00Z")
    # The contract's customer gets every second order on the day it asked for.
    arrived = asked if number == 0 else due
    short = customer in SHORT and month >= WORSE
    world.ship(
        f"S-{name}",
        name,
        qty=6 if short else 10,
        delivered=f"{arrived}T10:00:00Z",
        departed=f"{day}T12:00:00Z",
    )
    world.invoice(
        f"I-{name}",
        {"order": name, "qty": 6 if short else 10, "net": 100},
        sold_to_customer_id=customer,
        posting_date=str(arrived),
    )


def promise(world):
    world.row(
        "crm.contract",
        contract_id="IJ-K",
        version=1,
        customer_id=CUSTOMERS[0],
        contract_type="SUPPLY",
        start_date="2022-01-01",
        end_date="2025-08-15",
        is_auto_renew=False,
        currency="EUR",
    )
    world.row(
        "crm.contract_sla_term",
        contract_id="IJ-K",
        term_no=1,
        element="OTIF",
        target="95",
        unit="percent",
        basis="REQ",
        measure_window="LINE",
        penalty_type="PER_BREACH",
        penalty_value="60",
        cap_amount="100",
        valid_from="2022-01-01",
    )
    offers = [
        ("O-1", "ACME", "0.97", "A", "2025-03-01"),
        ("O-2", "BETA", "0.95", "B", "2025-04-01"),
    ]
    offers += [
        ("O-3", "OLD", "0.50", "A", "2023-04-01"),
        ("O-4", "RUMOUR", "0.10", "D", "2025-04-01"),
    ]
    for offer, competitor, value, confidence, seen in offers:
        world.row(
            "crm.competitor_offer",
            offer_id=offer,
            competitor=competitor,
            market="DE",
            segment_code="*",
            element="OTIF",
            offer_value=value,
            source_type="RFP_LOSS",
            observed_date=seen,
            confidence=confidence,
        )


def answer(world):
    for kind, respondents in (("NPS", CUSTOMERS), ("CSAT", CUSTOMERS[:9])):
        world.row(
            "crm.survey_campaign",
            campaign_id=f"IJ-{kind}",
            survey_type=kind,
            sent_date="2025-02-01",
            population_count=24,
        )
        for customer, score in zip(respondents, SCORES, strict=False):
            respond(world, f"IJ-{kind}", customer, kind, score=score if kind == "NPS" else 5)
    world.row("crm.survey_campaign", campaign_id="IJ-EXP", survey_type="EXPECTATION")
    for customer in CUSTOMERS:
        respond(world, "IJ-EXP", customer, "EXP_ON_TIME", expectation="0.9", importance=5)


def respond(world, campaign, customer, item, **values):
    world.row(
        "crm.survey_response",
        response_id=f"{campaign}-{customer}",
        item_id=item,
        campaign_id=campaign,
        account_id=f"A-{customer}",
        respondent_role="BUYER",
        submitted_at="2025-02-20T09:00:00Z",
        is_anonymous=False,
        **values,
    )


def decide(log):
    """Sales and supply chain agree on availability; a second one is signed by one side only."""
    for name in ("FILL", "UNSIGNED"):
        content = {
            "agreement_id": name,
            "agreement_version": 1,
            "supplier_function": "supply_chain",
            "customer_function": "sales",
            "segment_key": "*",
            "metric_id": "UNIT_FILL_RATE",
            "basis": "FIRST",
            "target": "0.95",
            "commitment": "95 % of units",
            "valid_from": "2025-01-01",
            "content_hash": f"hash of {name}",
        }
        log.at("2024-12-01 09:00").take(
            "internal_agreement", f"{name}|1", "ola (supply_chain)", content
        )
        for who in ("ola (supply_chain)", "sam (sales)")[: 2 if name == "FILL" else 1]:
            kept = ("agreement_id", "agreement_version", "content_hash")
            signature = {key: content[key] for key in kept}
            log.at("2024-12-02 09:00").take("agreement_signature", f"{name}|1", who, signature)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    from dagster_project.ingestion import land

    root = tmp_path_factory.mktemp("improvement")
    world = World()
    for given in (deliver, promise, answer):
        given(world)
    world.write(root / "extracts")
    settings = settings_of(root)
    land(settings, from_dir=root / "extracts")
    log = Log()
    decide(log)
    log.write(settings)
    result = build(settings)
    assert result.ok, [f"{one.name}: {one.message}" for one in result.failures]
    return settings


@pytest.fixture(scope="module")
def segment(home):
    """The one segment in which all customers are."""
    (row,) = ask(
        home,
        "select distinct segment_at_order_key as name from"
        " marts.fct_order_line_service where due_first_date >= '2025-02-01'",
    )
    return row["name"]


def test_agreement_that_both_signed_is_scored_and_the_other_is_not(home):
    rows = ask(
        home, "select * from marts.mart_internal_agreement order by agreement_id, attained_month"
    )
    fill = {
        f"{row['attained_month']:%m}": row["outcome"]
        for row in rows
        if row["agreement_id"] == "FILL"
    }
    assert fill == {
        "01": "KEPT",
        "02": "BREACHED",
        "03": "BREACHED",
        "04": "BREACHED",
        "05": "BREACHED",
    }
    (unsigned,) = [row for row in rows if row["agreement_id"] == "UNSIGNED"]
    assert (unsigned["status"], unsigned["outcome"], unsigned["is_counted"]) == (
        *("NEGOTIATING", None, False),
    )


def test_contract_by_the_day_asked_for_and_tier_by_the_day_confirmed_differ_and_are_both_right(
    home,
):
    rows = ask(
        home, "select * from marts.mart_contract_compliance where period_month >= '2025-01-01'"
    )
    assert {(row["value"], row["tier_value"]) for row in rows} == {(0.5, 1.0)}
    assert {row["basis"] for row in rows} == {"REQ"}


def test_penalties_stop_at_the_cap_of_the_quarter(home):
    rows = ask(
        home,
        "select * from marts.mart_contract_compliance"
        " where period_month >= '2025-01-01' order by period_month",
    )
    assert [row["penalty_exposure"] for row in rows] == [60] * 5
    assert [row["penalty_accrued"] for row in rows] == [60, 40, 0, 60, 40]
    assert {row["renewal_due_days"] for row in rows} == {90}


def test_soft_claim_that_half_of_the_months_do_not_reach_is_stronger_than_the_service(home):
    (claim,) = ask(home, "select * from marts.mart_claim_gap where claim_id = 'WEB_ALL'")
    # Two of twelve get six of ten: 112 of 120 units.
    assert claim["measured_p50"] == pytest.approx(112 / 120)
    assert (claim["verdict"], claim["is_soft"]) == ("STRONGER_THAN_DEFINED", True)


def test_expired_and_doubtful_offers_do_not_count_in_the_market(home, segment):
    (row,) = ask(
        home,
        f"select * from marts.mart_competitive_position where segment_key = '{segment}'",
    )
    assert (row["offers_counted"], row["offers_grey"], row["market_median"]) == (2, 2, 0.97)
    assert (row["promise_position"], row["is_alert"]) == ("WEAKER", True)


def test_promoters_of_a_wave_are_the_closed_form_and_nine_answers_are_hidden(home, segment):
    rows = {
        row["dimension"]: row for row in ask(home, "select * from marts.mart_perceived_quality")
    }
    assert {row["segment_key"] for row in rows.values()} == {segment}
    assert rows["NPS"]["value"] == pytest.approx((5 - 3) / 12)
    assert rows["NPS"]["response_rate"] == 0.5
    assert (rows["CSAT"]["is_hidden"], rows["CSAT"]["value"]) == (True, None)


def test_month_beyond_its_limit_opens_one_action_and_the_bad_ones_after_it_no_second(home, segment):
    (row,) = ask(
        home,
        "select * from marts.mart_corrective_action where metric_id = 'OTIF'"
        f" and segment_key = '{segment}' and opened_month >= '2025-02-01'",
    )
    assert (f"{row['opened_month']:%Y-%m}", row["opened_by"], row["status"]) == (
        *("2025-02", "SIGNAL", "OPEN"),
    )
    # One extreme month: the next would be better by itself, and here was not.
    assert row["is_regression_to_the_mean"]


def test_weights_of_a_scorecard_add_up_to_one_and_points_follow_from_the_value(home):
    rows = ask(
        home,
        "select function_code, segment_key, period_month, sum(weight) as weight from"
        " marts.mart_functional_scorecard where function_code = 'supply_chain' group by all",
    )
    assert {round(row["weight"], 9) for row in rows} == {1.0}
    (fill,) = ask(
        home,
        "select * from marts.mart_functional_scorecard where metric_id = 'UNIT_FILL_RATE'"
        " and segment_key = '*' and period_month = '2025-05-01'",
    )
    assert fill["score"] == pytest.approx(100 * (112 / 120 - 0.90) / 0.07)
    assert (fill["counter_metric_id"], fill["is_grey"]) == ("GROSS_MARGIN_RATE", True)


def test_own_product_of_rates_answers_the_study_that_asks_for_it(home):
    (row,) = ask(
        home,
        "select * from marts.mart_benchmark_position where benchmark_id like 'APQC%'",
    )
    # A year up to February: one month of twelve with two of twelve customers short.
    assert row["lines_count"] == 12 * 24
    assert row["own_product_value"] == pytest.approx(1 - 4 / 288)
    assert row["own_value"] == row["own_product_value"]
    assert (row["position"], row["is_grey"]) == ("ABOVE_MEDIAN", True)


def test_premium_service_without_eligible_customers_says_so_or_is_judged(home):
    rows = ask(home, "select * from marts.mart_premium_feasibility")
    assert {row["service_id"] for row in rows} == {"NEXT_DAY_AM", "SAME_DAY", "WEEKEND"}
    assert all((row["attainment"] is None) == (row["null_reason"] is not None) for row in rows)


def test_a_day_that_closes_no_month_judges_nothing_anew(home):
    later = home.model_copy(update={"as_of": "2025-07-01"})
    result = build(later)
    assert result.ok
    assert not result.full
    solved = result.solved["improvement"]
    assert set(solved["kept"]) == set(SCHEMAS) - {"improvement_mark"}
    judged = {one.name for one in result.dbt_results if "improvement" in one.name}
    assert judged == set()
