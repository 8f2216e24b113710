"""A company of twelve customers of one size whose service got worse in February 2025.

Each orders twice a month and is delivered in time; from February on two of the twelve get six of
ten on the day. IJ-01 has a contract that is measured by the day it asked for, a day before ours.
"""

import datetime as dt
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from dagster_project.analytics.tables import DuckDBTables
from dagster_project.improvement.outputs import SCHEMAS
from dagster_project.schemes.closed import last_closed
from dagster_project.warehouse.build import build

from .people import Log
from .small_company import ask, settings_of
from .world import World

CUSTOMERS = [f"IJ-{number:02d}" for number in range(1, 13)]
MONTHS = [dt.date(2023 + k // 12, k % 12 + 1, 1) for k in range(29)]
"""January 2023 to May 2025, the last month that is closed."""
WORSE = dt.date(2025, 2, 1)
SHORT = CUSTOMERS[10:]
WAREHOUSE = "IJ-DC"
HOLIDAY = dt.date(2025, 4, 16)
"""The warehouse is shut on it, though orders come."""
HAZARDOUS = CUSTOMERS[:3]
"""They order dangerous goods, which no premium service takes."""
SCORES = [10, 10, 9, 9, 9, 8, 8, 7, 7, 6, 5, 0]
"""Five promoters and three detractors of twelve."""
COMMENTS = (
    ["Reliable, thank you."] * 5 + ["It came late."] * 5 + ["Late, and the invoice is wrong."]
)
"""What the first eleven write; five speak well, six of being late."""


def deliver(world):
    for customer in CUSTOMERS:
        world.customer(customer)
        world.row("crm.account", account_id=f"A-{customer}", customer_id=customer)
        world.site(f"ST-{customer}", country="FR" if customer in SHORT else "DE")
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
    product = "IJ-HAZ" if customer in HAZARDOUS else "P-ANY"
    world.line(
        name,
        qty=10,
        due=f"{due}T15:00:00Z",
        requested_at=f"{asked}T15:00:00Z",
        product_id=product,
        ship_from_site_id=WAREHOUSE,
    )
    # The contract's customer gets every second order on the day it asked for.
    arrived = asked if number == 0 else due
    short = customer in SHORT and month >= WORSE
    world.ship(
        f"S-{name}",
        name,
        qty=6 if short else 10,
        delivered=f"{arrived}T10:00:00Z",
        departed=f"{day}T12:00:00Z",
        product_id=product,
    )
    world.invoice(
        f"I-{name}",
        {"order": name, "qty": 6 if short else 10, "net": 100, "product_id": product},
        sold_to_customer_id=customer,
        posting_date=str(arrived),
    )


def equip(world):
    """One warehouse that works from Monday to Friday, but not on a holiday."""
    world.product("IJ-HAZ", is_hazmat=True)
    world.site(
        WAREHOUSE,
        site_type="DC",
        receiving_calendar_id="IJ-CAL",
        latitude="52.5",
        longitude="13.4",
    )
    for day in (dt.date(2024, 11, 1) + dt.timedelta(days=k) for k in range(240)):
        world.row(
            "erp.working_calendar",
            calendar_id="IJ-CAL",
            calendar_date=str(day),
            is_working=day.isoweekday() < 6 and day != HOLIDAY,
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


def plan(world):
    """Finance plans 4,000 a month for the whole company, 40 pieces at a cost of 60."""
    for month in (4, 5, 6):
        world.row(
            "finance.budget",
            version="V1",
            fiscal_period_id=f"2025-{month:02d}",
            budget_qty=40,
            unit_cost=60,
            amount=4_000,
            currency="EUR",
        )


def answer(world):
    for kind, respondents in (("NPS", CUSTOMERS), ("CSAT", CUSTOMERS[:9])):
        world.row(
            "crm.survey_campaign",
            campaign_id=f"IJ-{kind}",
            survey_type=kind,
            sent_date="2025-02-01",
            population_count=24,
            language="en",
        )
        for place, customer in enumerate(respondents):
            score, text = (SCORES[place], [*COMMENTS, None][place]) if kind == "NPS" else (5, None)
            respond(world, f"IJ-{kind}", customer, kind, score=score, comment_text=text)
    # Somebody thinks twice, and somebody does not say who it is.
    first = {"response_id": "IJ-NPS-FIRST", "submitted_at": "2025-02-19T09:00:00Z"}
    respond(world, "IJ-NPS", CUSTOMERS[0], "NPS", score=0, **first)
    nobody = {"response_id": "IJ-NPS-NOBODY", "account_id": None, "is_anonymous": True}
    respond(world, "IJ-NPS", CUSTOMERS[0], "NPS", score=0, **nobody)
    world.row("crm.survey_campaign", campaign_id="IJ-EXP", survey_type="EXPECTATION")
    for customer in CUSTOMERS:
        respond(world, "IJ-EXP", customer, "EXP_ON_TIME", expectation="0.9", importance=5)


def respond(world, campaign, customer, item, **values):
    row = {
        "response_id": f"{campaign}-{customer}",
        "item_id": item,
        "campaign_id": campaign,
        "account_id": f"A-{customer}",
        "respondent_role": "BUYER",
        "submitted_at": "2025-02-20T09:00:00Z",
        "is_anonymous": False,
    }
    world.row("crm.survey_response", **(row | values))


def interview(world):
    """Somebody visits eleven customers in May and files one note under a theme."""
    for place, customer in enumerate(CUSTOMERS[:11]):
        world.row(
            "crm.interview_note",
            note_id=f"IJ-N-{place}",
            account_id=f"A-{customer}",
            noted_date="2025-03-12",
            interviewer="Kim",
            theme="PRICE" if place == 0 else None,
            note_text="They ship what was promised, sometimes late.",
            sentiment="0.5",
        )


def experiment(log):
    """In France something is tried from February on; finance wanted it to end a month earlier."""
    plan = {
        "experiment_id": "IJ-FR",
        "segment_key": "*",
        "region": "FR",
        "metric_id": "OTIF",
        "basis": "FIRST",
        "start_month": "2025-02-01",
        "end_month": "2025-05-01",
    }
    log.at("2025-01-15 09:00").take("experiment", "IJ-FR", "ola (supply_chain)", plan)
    shorter = plan | {"end_month": "2025-04-01"}
    log.at("2025-03-15 09:00").take("experiment", "IJ-FR", "fay (finance)", shorter)


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
    for given in (equip, deliver, promise, plan, answer, interview):
        given(world)
    world.write(root / "extracts")
    settings = settings_of(root)
    land(settings, from_dir=root / "extracts")
    log = Log()
    decide(log)
    experiment(log)
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
    found = ask(home, "select * from marts.mart_perceived_quality")
    assert {row["segment_key"] for row in found} == {segment, "*"}
    rows = {row["dimension"]: row for row in found if row["segment_key"] == segment}
    assert rows["NPS"]["value"] == pytest.approx((5 - 3) / 12)
    assert rows["NPS"]["response_rate"] == pytest.approx(13 / 24)
    assert (rows["CSAT"]["is_hidden"], rows["CSAT"]["value"]) == (True, None)


def test_last_word_counts_and_who_is_not_known_counts_for_everybody_only(home, segment):
    rows = {
        row["segment_key"]: row
        for row in ask(home, "from marts.mart_perceived_quality where dimension = 'NPS'")
    }
    assert (rows[segment]["answers_count"], rows[segment]["replaced_answers_count"]) == (12, 1)
    assert (rows["*"]["answers_count"], rows["*"]["entities_count"]) == (13, 12)
    assert rows["*"]["value"] == pytest.approx((5 - 4) / 13)


def test_customers_in_more_campaigns_than_two_a_year_are_counted(home, segment):
    # NPS, satisfaction and expectations within a year: the nine who answered all three.
    (row,) = ask(
        home,
        f"from marts.mart_perceived_quality where dimension = 'NPS' and segment_key = '{segment}'",
    )
    assert row["tired_entities_count"] == 9
    # All answered, so nobody is left to differ from.
    assert row["is_nonresponse_biased"] is None


def test_comments_and_notes_are_put_under_themes_and_few_are_hidden(home, segment):
    rows = {
        (row["source"], row["theme"]): row
        for row in ask(home, f"from marts.mart_perceived_theme where segment_key = '{segment}'")
    }
    late, praise = rows["SURVEY", "DELIVERY_TIME"], rows["SURVEY", "PRAISE"]
    assert (late["texts_count"], late["mentions_count"], praise["mentions_count"]) == (11, 6, 5)
    # Of six who write of being late four are passive and two detractors.
    assert (late["mean_mood"], praise["mean_mood"]) == (pytest.approx(-2 / 6), 1)
    alone = rows["SURVEY", "DOCUMENTS"]
    assert (alone["is_hidden"], alone["mentions_count"]) == (True, None)
    # The note that the interviewer filed is about what it was filed under, alone.
    assert rows["INTERVIEW", "DELIVERY_TIME"]["mentions_count"] == 10
    assert rows["INTERVIEW", "PRICE"]["is_hidden"]


def test_customers_who_say_what_they_got_stand_on_the_line(home):
    rows = {
        row["entity_id"]: row
        for row in ask(home, "from marts.mart_perception_vs_measured where survey_type = 'NPS'")
    }
    assert len(rows) == 12
    assert rows[CUSTOMERS[11]]["measured_value"] == pytest.approx(16 / 24)
    assert rows[CUSTOMERS[0]]["perceived_value"] == 1
    assert rows[CUSTOMERS[0]]["last_interview_date"] == dt.date(2025, 3, 12)
    assert not any(row["is_to_interview"] for row in rows.values() if row["last_interview_date"])


def test_what_is_tried_in_a_country_is_judged_against_the_others(home, segment):
    (row,) = ask(home, "from marts.mart_experiment")
    assert (row["status"], row["end_month"]) == ("ENDED", dt.date(2025, 4, 1))
    assert (row["months_before"], row["months_after"]) == (12, 3)
    # There two of two customers got less than promised, and nobody elsewhere.
    assert (row["pilot_before"], row["pilot_after"], row["control_after"]) == (1, 0, 1)
    assert (row["effect"], row["upper"], row["verdict"]) == (-1, -1, "HARMS")


class Planted(DuckDBTables):
    """The tables of the company, some of them as a test wants them."""

    def __init__(self, con, planted):
        super().__init__(con)
        self._planted = planted

    def read(self, relation, columns=None, present=None):
        table = super().read(relation, columns, present)
        for column, value in self._planted.get(relation, {}).items():
            if column in table.column_names:
                place, field = table.column_names.index(column), table.schema.field(column)
                values = pa.array([value] * table.num_rows, field.type)
                table = table.set_column(place, field, values)
        return table


def test_over_served_tier_that_does_not_pay_is_lowered_with_its_simulated_impact(home, segment):
    from dagster_project.improvement.policy import parse_settings
    from dagster_project.improvement.proposal_table import proposal_table
    from dagster_project.improvement.values import attained_series

    pays_not = {"segment_key": segment, "verdict": "UNSUSTAINABLE"}
    with duckdb.connect(str(home.warehouse_path), read_only=True) as con:
        tables = Planted(
            con,
            {
                "analytics.tier_sustainability": pays_not
                | {"incremental_cost_to_serve_group": Decimal(100)},
                "intermediate.int_scheme__answer": {"expectation": Decimal("0.5")},
                "staging.stg_crm__contract_sla_term": {"target": Decimal(10)},
            },
        )
        closed = last_closed(tables, home.as_of)
        settings = parse_settings(tables.read("policy.improvement_setting").to_pylist())
        series = attained_series(tables, closed)
        found = proposal_table(tables, closed, settings, series).to_pylist()
    (row,) = [one for one in found if one["element"] == "OTIF"]
    assert (row["proposal_type"], row["direction"]) == ("SLA_TARGET", "LOWER")
    # Twelve customers at 100 each, for the whole step down to what the next tier is promised.
    assert row["saving_per_quarter_group"] == pytest.approx(12 * 100)
    assert row["new_target"] < row["target"]
    assert row["months_met_after"] >= row["months_met_before"]
    assert row["request_id"] == f"{segment}|OTIF|2"


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
    assert {row["service_id"] for row in rows} == {"NEXT_DAY_AM", "SAME_DAY", "VMI", "WEEKEND"}
    assert all((row["attainment"] is None) == (row["null_reason"] is not None) for row in rows)


def test_premium_service_is_judged_per_warehouse_on_the_days_of_its_calendar(home):
    rows = ask(
        home,
        "select site_id, iso_weekday, closed_days_count from marts.mart_premium_feasibility"
        " where service_id = 'SAME_DAY' order by iso_weekday",
    )
    assert {row["site_id"] for row in rows} == {WAREHOUSE}
    assert [row["closed_days_count"] for row in rows] == [0, 0, 1, 0, 0]


def test_orders_know_where_their_goods_leave_from_and_which_are_dangerous(home):
    rows = ask(
        home,
        "select customer_id, ship_from_site_id as site, bool_and(has_hazmat) as hazmat,"
        " bool_or(has_cold_chain) as cold, bool_or(is_from_several_sites) as several"
        " from intermediate.int_order__header group by all order by customer_id",
    )
    assert {(row["site"], row["cold"], row["several"]) for row in rows} == {
        (WAREHOUSE, False, False)
    }
    assert [row["customer_id"] for row in rows if row["hazmat"]] == HAZARDOUS


def quarter_line(home, segment, line):
    (row,) = ask(
        home,
        "select * from marts.mart_segment_pnl_quarter where fiscal_quarter = '2025-Q2'"
        f" and segment_key = '{segment}' and line_code = '{line}'",
    )
    return row


def test_quarter_stands_beside_the_one_before_and_says_what_made_the_difference(home, segment):
    row = quarter_line(home, segment, "NET_REVENUE")
    # Two invoices of 100 a month and customer: April and May against a whole quarter.
    assert (row["amount_group"], row["prior_amount_group"]) == (4_800, 7_200)
    assert row["year_before_amount_group"] == 7_200
    assert (row["customers_effect_group"], row["rate_effect_group"]) == (0, 0)
    assert row["lines_effect_group"] == -2_400


def test_plan_of_the_company_is_that_of_its_only_segment(home, segment):
    row = quarter_line(home, segment, "NET_REVENUE")
    assert (row["budget_amount_group"], row["budget_basis"]) == (12_000, "ALLOCATED")
    assert quarter_line(home, segment, "COGS")["budget_amount_group"] == 7_200
    assert quarter_line(home, segment, "GROSS_PROFIT")["budget_amount_group"] == 4_800


def test_a_day_that_closes_no_month_judges_nothing_anew(home):
    later = home.model_copy(update={"as_of": "2025-07-01"})
    result = build(later)
    assert result.ok
    assert not result.full
    solved = result.solved["improvement"]
    assert set(solved["kept"]) == set(SCHEMAS) - {"improvement_mark"}
    judged = {one.name for one in result.dbt_results if "improvement" in one.name}
    assert judged == set()
