"""`explain` answers in words that hold up against the marts."""

import io
import json
from datetime import date, timedelta

import duckdb
import pytest
from rich.console import Console
from segment_warehouse import warehouse

from dagster_project.analytics.tables import DuckDBTables
from dagster_project.errors import TierlineError, UsageError
from dagster_project.reclassification.vocabulary import CAUSES, GUARDS
from dagster_project.segmentation.explain import explain_from
from dagster_project.segmentation.explain_words import HELD_BACK, render
from dagster_project.segmentation.run import run_segmentation

MARTS = """
create schema marts;
create table marts.dim_customer as
    select 'C' || substr(entity_id, 2) as customer_id, 'Customer ' || entity_id as customer_name,
        entity_id, cast(null as varchar) as group_id
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
create table marts.mart_reclass_proposal as from analytics.segment_proposal;
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


def test_what_fired_and_what_held_it_back_are_told(marts):
    customer, day = marts.execute(
        "select 'C' || substr(entity_id, 2), evaluation_date::varchar"
        " from marts.mart_reclass_proposal where blocked_by = 'DWELL' order by all limit 1"
    ).fetchone()
    told = explain_from(marts, customer, as_of=day)["sentences"][-1]
    assert told.startswith(f"On {day} THRESHOLD_")
    assert told.endswith("but the last change is too recent.")
    # Once the next evaluation has been made, that is no longer news.
    later = explain_from(marts, customer, as_of=day[:5] + "12-31")["sentences"]
    assert told not in later


def test_a_move_that_waits_is_told_with_those_for_whom_it_waits(marts):
    customer, day, to = marts.execute(
        "select 'C' || substr(entity_id, 2), evaluation_date::varchar, to_segment_code"
        " from marts.mart_reclass_proposal where approval = 'OWNER+SALES' and is_move"
        " order by all limit 1"
    ).fetchone()
    marts.execute(
        "create or replace table marts.mart_reclass_proposal as select * replace ("
        " case when is_move then 'segment_owner sales' end as waits_for,"
        " case when is_move then evaluation_date end as waiting_since_date)"
        " from analytics.segment_proposal"
    )
    told = explain_from(marts, customer, as_of=day)["sentences"][-1]
    marts.execute(
        "create or replace table marts.mart_reclass_proposal as from analytics.segment_proposal"
    )
    assert told.startswith(f"On {day} THRESHOLD_DOWN_")
    assert told.endswith(f"proposed {to}; since {day} it waits for segment_owner and sales.")


def test_what_was_known_on_a_day_leaves_out_what_was_decided_later(marts):
    late = explain_from(marts, "C05")["history"]
    day = late[-1]["decided_on"]
    before = str(date.fromisoformat(day) - timedelta(days=1))
    known = explain_from(marts, "C05", known_at=before)
    assert known["history"] == late[:-1]
    assert known["segment"]["segment_code"] == late[-2]["to_segment_code"]
    assert f"As known on {before}" in known["sentences"][0]
    assert explain_from(marts, "C05", as_of=day, known_at=day)["history"] == late


def test_a_later_belief_about_an_earlier_day_is_told_as_such(marts):
    # The fall or rise is decided before it holds: on the day of the decision it is only coming.
    [(customer, decided, valid)] = marts.execute(
        "select 'C' || substr(entity_id, 2), recorded_at::date::varchar, valid_from::varchar"
        " from marts.fct_segment_event where valid_from > recorded_at::date + 1"
        " and from_segment_code is not null order by entity_id, event_seq limit 1"
    ).fetchall()
    found = explain_from(marts, customer, known_at=decided)
    assert found["coming"]["valid_from"] == valid


def test_release_without_proposals_says_what_to_do():
    with duckdb.connect() as con:
        con.execute("create table dim_customer_segment (entity_id varchar)")
        with pytest.raises(TierlineError, match="cannot be explained") as caught:
            explain_from(con, "C05")
    assert "mart_reclass_proposal" in caught.value.why


@pytest.mark.parametrize("day", ["tomorrow", "2025-02-30"])
def test_day_that_is_none_is_refused(marts, day):
    with pytest.raises(UsageError, match="is no day"):
        explain_from(marts, "C05", known_at=day)


def test_every_reason_to_hold_back_has_words():
    assert set(GUARDS) | set(CAUSES) - {"RULE", "KEEP", "EXCLUSION_ENDED"} == set(HELD_BACK)
