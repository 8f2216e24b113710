"""`explain` answers in words that hold up against the marts."""

import io
import json

import duckdb
import pytest
from rich.console import Console
from segment_warehouse import warehouse

from dagster_project.analytics.tables import DuckDBTables
from dagster_project.errors import UsageError
from dagster_project.segmentation.explain import explain_from, render
from dagster_project.segmentation.run import run_segmentation

MARTS = """
create schema marts;
create table marts.dim_customer as
    select 'C' || substr(entity_id, 2) as customer_id, 'Customer ' || entity_id as customer_name,
        entity_id
    from intermediate.int_segment__entity;
create table marts.dim_segment as
    select scheme_id || ':' || segment_code as segment_key, segment_code, label from policy.segment;
create table marts.dim_customer_segment as
    select *, scheme_id || ':' || segment_code as segment_key,
        year(recorded_to) = 9999 as is_latest_belief,
        year(recorded_to) = 9999 and valid_from <= date '2024-12-31'
            and valid_to > date '2024-12-31' as is_current
    from analytics.segment_assignment;
create table marts.fct_segment_event as from analytics.segment_event;
create table marts.mart_segmentation__score as from analytics.segment_total;
create table marts.mart_segmentation__score_part as
    select part.*, attribute.label as attribute_label, attribute.unit
    from analytics.segment_score as part
    inner join policy.scheme_attribute as attribute using (scheme_id, attribute_id);
"""


@pytest.fixture(scope="module")
def marts():
    with duckdb.connect() as con:
        tables = DuckDBTables(con)
        for name, table in warehouse().tables.items():
            tables.write(name, table)
        run_segmentation(tables, "2024-12-31")
        con.execute(MARTS)
        yield con


def said(found):
    console = Console(width=120, file=io.StringIO())
    console.print(render(found))
    return console.file.getvalue()


def test_answer_names_segment_since_when_and_by_which_rule(marts):
    found = explain_from(marts, "C03")
    now = found["segment"]
    text = said(found)
    assert f"since {now['valid_from']}" in text
    assert now["rule_id"] in text
    assert now["segment_code"] in text


def test_points_of_the_parts_are_the_score(marts):
    score = explain_from(marts, "C03")["score"]
    assert sum(part["contribution"] for part in score["parts"]) == pytest.approx(score["score"])
    assert score["points_to_better"] is None or score["points_to_better"] == pytest.approx(
        score["better_threshold"] - score["score"]
    )


def test_entity_can_be_asked_for_as_well_as_customer(marts):
    assert explain_from(marts, "E03")["customer"] == explain_from(marts, "C03")["customer"]


def test_dormant_and_excluded_customers_are_told_so(marts):
    assert "No order for" in said(explain_from(marts, "C05"))
    assert "EMPLOYEE" in said(explain_from(marts, "C09"))


def test_earlier_day_gives_the_segment_of_that_day(marts):
    assert explain_from(marts, "C03", "2023-02-15")["segment"]["segment_code"] == "N0"
    assert explain_from(marts, "C03", "2023-02-15")["score"]["score"] is None
    assert explain_from(marts, "C03", "2000-01-01")["segment"] is None


def test_answer_is_plain_json(marts):
    found = explain_from(marts, "C05")
    assert json.loads(json.dumps(found)) == found


def test_unknown_customer_is_refused_with_near_matches(marts):
    with pytest.raises(UsageError) as caught:
        explain_from(marts, "C3")
    assert "C3" in caught.value.what
    assert "Customer E" in caught.value.why
    assert "tierline explain C" in caught.value.fix
