"""What the simulator planted about demand is found again, and nothing is filled in silently.

A simulated customer has one rhythm over all that it buys, so the planted class is looked for in the
customer's whole demand; a family that it buys now and then is rarer than the customer is.
"""

import json
import shutil

import duckdb
import numpy as np
import pytest
from imputation_verdict import imputation_verdict
from pipeline_company import Company, company

from dagster_project.demand.classes import classes
from dagster_project.demand.series import from_long
from dagster_project.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.further]
LAST = 2025 * 12 + 12


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Company:
    found = company(tmp_path_factory.mktemp("planted"), size="S")
    found.land()
    found.build()
    return found


@pytest.fixture(scope="module")
def truth(planted) -> dict[str, dict]:
    rows = json.loads((planted.extracts / "truth.json").read_text())["customers"]
    return {row["customer_id"]: row for row in rows}


@pytest.fixture
def con(planted):
    opened = duckdb.connect(str(planted.settings.warehouse_path), read_only=True)
    yield opened
    opened.close()


def test_planted_demand_classes_are_found_again(con, truth):
    rows = con.execute(
        "select header.customer_id, year(line.ordered_date) * 12 + month(line.ordered_date),"
        " sum(line.countable_base_qty) from intermediate.int_order__line as line"
        " join intermediate.int_order__header as header using (order_id)"
        " where line.order_type in ('STANDARD', 'RUSH', 'CONSIGNMENT', 'DROPSHIP')"
        " and line.line_role = 'ITEM' and not line.is_excluded_customer"
        " and line.countable_base_qty > 0 group by all"
    ).fetchnumpy()
    customer, month, quantity = rows.values()
    series = from_long(
        np.asarray(customer, dtype=str), month.astype(np.int64), quantity.astype(float), LAST
    )
    found = dict(zip(series.keys.tolist(), classes(series).demand_class.tolist(), strict=True))
    steady = [
        (truth[name]["planted_demand_class"], label)
        for name, label in found.items()
        if truth[name]["life"] == "ACTIVE" and label != "UNDETERMINED"
    ]
    assert {kind for kind, _ in steady} == {"SMOOTH", "ERRATIC", "INTERMITTENT", "LUMPY"}
    assert len(steady) > 200
    assert np.mean([kind == label for kind, label in steady]) >= 0.95


def test_customers_that_a_volume_rule_mislabels_are_counted(con):
    counted = con.execute(
        "select sum(mislabelled_series_count), sum(mislabelled_amount_group)"
        " from marts.mart_class_vs_volume_threshold"
    ).fetchone()
    judged = con.execute(
        "select count(*) filter (is_volume_rule_wrong),"
        " sum(demand_amount_group) filter (is_volume_rule_wrong) from marts.mart_demand_class"
    ).fetchone()
    assert counted == judged
    assert counted[0] > 0


def test_each_series_with_enough_demands_has_a_cluster_with_a_name(con):
    assert con.execute(
        "select count(*) from marts.mart_demand_class where (cluster_id is null)"
        " <> (demand_class = 'UNDETERMINED') or (cluster_id is null) <> (cluster_label is null)"
    ).fetchone() == (0,)


def test_planted_new_customers_get_the_closed_form_and_a_tier_by_their_opportunity(con, truth):
    rows = con.execute("select * from marts.mart_new_customer_demand").fetchall()
    names = [column[0] for column in con.description]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    assert found
    for row in found:
        months = row["watched_days"] / 30.4375
        rate = (row["alpha"] + row["orders_count"]) / (row["beta_months"] + months)
        if row["order_rate_rule_id"] == "OWN_RATE":
            assert row["watched_days"] > 180
            rate = row["orders_count"] / months
        assert float(row["orders_per_month"]) == pytest.approx(rate, abs=1e-7)
        assert row["default_segment_code"] != "S1"
    new = {name for name, row in truth.items() if row["life"] == "NEW" and row["orders"] < 3}
    tiers = {row["entity_id"]: row["default_segment_code"] for row in found}
    alone = new & set(tiers)
    assert alone
    assert all(tiers[name] for name in alone)


def test_each_entity_has_a_lifetime_value_or_a_reason(con):
    assert con.execute(
        "select count(*), count(distinct entity_id), count(*) filter ((clv_group is null)"
        " = (null_reason is null)) from marts.mart_customer_value"
    ).fetchone()[1:] == (
        con.execute(
            "select count(*) from intermediate.int_segment__entity where not is_excluded"
        ).fetchone()[0],
        0,
    )


def test_whale_curve_peaks_at_or_above_its_end(con):
    peak, final = con.execute(
        "select max(peak_profit_group), max(final_profit_group) from marts.mart_whale_curve"
    ).fetchone()
    assert peak >= final


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        pytest.param(None, 0, id="as built"),
        pytest.param("order.bill_to_customer", 1, id="bill-to without a row"),
        pytest.param("customer.order_rate", 1, id="new customer without a row"),
    ],
)
def test_null_that_the_log_does_not_know_is_red(planted, tmp_path, metric, expected):
    settings = Settings(home=tmp_path)
    settings.work_dir.mkdir(parents=True)
    shutil.copy(planted.settings.warehouse_path, settings.warehouse_path)
    if metric:
        with duckdb.connect(str(settings.warehouse_path)) as con:
            con.execute(
                "delete from marts.mart_governance__imputation_log where rowid in (select log.rowid"
                " from marts.mart_governance__imputation_log as log"
                " left join marts.mart_new_customer_demand as new using (entity_id)"
                " where log.metric = ? and coalesce(new.orders_count, 0) < 3 limit 1)",
                [metric],
            )
    assert imputation_verdict(settings)[0] == expected


def planted_in(planted: Company, what: str) -> list[dict]:
    """What the books of the simulator say of the last wave of surveys."""
    rows = json.loads((planted.extracts / "truth.json").read_text())[what]
    return [row for row in rows if row["period"] == "2025-09"]


def test_customers_with_a_planted_grudge_say_less_than_they_got(planted, con):
    angry = {row["customer_id"] for row in planted_in(planted, "grudges")}
    rows = con.execute(
        "select entity_id, verdict, is_to_interview, rank_correlation"
        " from marts.mart_perception_vs_measured where survey_type = 'NPS' and verdict is not null"
    ).fetchall()
    verdicts = {entity: (verdict, to_see) for entity, verdict, to_see, _ in rows}
    found = {customer: verdicts[customer] for customer in angry if customer in verdicts}
    assert len(found) >= 3
    assert set(found.values()) == {("WORSE_THAN_MEASURED", True)}
    assert len([one for one, _ in verdicts.values() if one != "AS_MEASURED"]) < 0.1 * len(rows)
    # All others say what follows from what they got.
    assert rows[0][3] > 0.3


def test_planted_themes_are_counted_to_the_last_remark(planted, con):
    said = {
        row["theme"]: row for row in planted_in(planted, "remarks") if row["source"] == "SURVEY"
    }
    # The angry write of papers and of people in one sentence.
    said["PEOPLE"] = said["DOCUMENTS"]
    rows = con.execute(
        "select theme, mentions_count, texts_count from marts.mart_perceived_theme where"
        " source = 'SURVEY' and segment_key = '*' and wave_start_date = date '2025-07-01'"
    ).fetchall()
    # What fewer than five customers with a name say is not shown.
    assert {theme: mentions for theme, mentions, _ in rows} == {
        theme: row["texts"] if row["known_customers"] >= 5 else None for theme, row in said.items()
    }
    assert {"DELIVERY_TIME", "PRAISE"} <= {theme for theme, mentions, _ in rows if mentions}
    del said["PEOPLE"]
    assert {texts for *_, texts in rows} == {sum(row["texts"] for row in said.values())}
