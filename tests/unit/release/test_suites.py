"""Each expectation about a mart passes a plausible batch and fails for its own fault."""

import shutil

import duckdb
import pytest
from release_home import CONTROLS

from dagster_project.release.suite_runner import read_facts, run_suites
from dagster_project.release.suites import EXPECTATIONS_DIR, outline
from dagster_project.release.work_file import open_work_file
from dagster_project.settings import Settings

MARTS = """
    create schema marts; create schema raw;
    create table raw.batch as select 'erp' as system, unnest(['invoice', 'invoice_line']) as feed,
        true as is_active;
    create table marts.dim_customer as select 'C' || i as customer_id, 'E' || i as entity_id,
        'Name ' || i as customer_name, i % 20 = 0 as is_excluded from range(100) as r(i);
    create table marts.dim_customer_segment as select 'service' as scheme_id,
        'E' || i as entity_id, 'S' || (i % 4 + 1) as segment_code, date '2025-01-01' as valid_from,
        true as is_latest_belief, true as is_current, 'score' as reason from range(100) as r(i);
    create table marts.fct_order_line as select 'O' || i as order_id, 1 as line_no,
        'P' as product_id, 'EA' as uom, 1.0 as ordered_qty,
        cast(10 as decimal(18, 4)) as net_amount, cast(10 as decimal(18, 4)) as net_amount_group,
        'service:S1' as segment_at_order_key from range(300) as r(i);
    create table marts.fct_order_line_service as select 'O' || i as order_id, 1 as line_no,
        1 as schedule_no, date '2025-01-01' as ordered_date, timestamp '2025-01-05' as due_first_at,
        timestamp '2025-01-04' as first_delivered_at, true as is_service_relevant,
        true as is_due_first, 1.0 as countable_base_qty, i % 5 > 0 as is_otif_first,
        null::varchar as otif_null_reason from range(300) as r(i);
    create table marts.fct_shipment_line as select 'O' || i as order_id, false as is_clock_skewed
        from range(300) as r(i);
    create table marts.fct_invoice_line as select cast(6 as decimal(18, 4)) as cogs_amount_group,
        cast(case when i % 20 = 0 then -10 else 10 end as decimal(18, 4)) as net_amount_group
        from range(300) as r(i);
    create table marts.mart_segment_kpi_monthly as select 'service:S' || s as segment_key,
        (date '2025-01-01' + to_months(cast(m as int)))::date as activity_month,
        0.5 as net_amount_share, 0.9 as otif_first, null::varchar as service_null_reason
        from range(12) as r(m), range(1, 3) as q(s);
    create table marts.mart_service_attainment as select 0.9 as value, null::varchar as null_reason,
        10 as lines_count, 9 as judged_lines_count from range(12);
    create table marts.audit_control_result as select 'A' || i as check_id,
        case when i = 8 then 'NO_DATA' else 'PASS' end as status from range(1, 9) as r(i);
    create table marts.mart_segment_ownership as select 'SEGMENT' as object_kind,
        'service:S' || i as object_id, 1 as accountable_count, 1 as responsible_elsewhere_count,
        null::varchar as finding_code from range(1, 5) as r(i);
"""

FAULTS = {
    "dim_customer": {
        "most_customers_are_segmented": "set is_excluded = true",
        "no_group_swallows_the_base": "set entity_id = 'UNKNOWN' where customer_id > 'C2'",
        "customers_have_names": "set customer_name = null where customer_id > 'C8'",
    },
    "dim_customer_segment": {
        "every_segment_has_a_reason": "set reason = ' ' where entity_id = 'E7'",
        "tiers_differ": "set segment_code = 'S1'",
        "few_move_at_once": "insert select * replace (date '2025-06-01' as valid_from)",
    },
    "fct_order_line": {
        "no_line_outweighs_all_others": "set net_amount_group = 10000 where order_id = 'O7'",
        "promises_have_a_segment": "set segment_at_order_key = '-1' where order_id > 'O7'",
        "orders_have_value": "set net_amount_group = 0",
        "most_lines_have_a_price": "set net_amount = 0 where order_id > 'O1'",
    },
    "fct_order_line_service": {
        "unknown_service_has_a_reason": "set is_otif_first = null where order_id = 'O7'",
        "something_arrives_on_time": "set is_otif_first = false",
        "deliveries_follow_orders": "set first_delivered_at = '2024-12-01' where order_id > 'O7'",
    },
    "fct_shipment_line": {
        "most_shipments_have_an_order": "set order_id = '-2' where order_id > 'O1'",
        "deliveries_follow_departures": "set is_clock_skewed = true where order_id > 'O7'",
    },
    "fct_invoice_line": {
        "revenue_is_positive": "delete where net_amount_group > 0",
        "credits_are_the_exception": "set net_amount_group = -9, cogs_amount_group = -6"
        " where rowid % 5 < 2",
        "margin_is_possible": "set cogs_amount_group = 600",
    },
    "mart_segment_kpi_monthly": {
        "shares_of_a_month_add_up": "set net_amount_share = 0.4 where segment_key = 'service:S1'",
        "otif_is_a_share": "set otif_first = 1.2",
        "missing_service_has_a_reason": "set otif_first = null",
        "no_month_is_missing": "delete where activity_month = '2025-07-01'",
    },
    "mart_service_attainment": {
        "attainment_is_a_share": "set value = 1.5",
        "value_or_reason": "set value = null",
        "judged_lines_were_due": "set judged_lines_count = 11",
    },
    "audit_control_result": {
        "every_check_was_made": "delete where check_id = 'A4'",
        "chain_of_decisions_holds": "set status = 'FAIL' where check_id = 'A1'",
        "record_of_segments_holds": "set status = 'FAIL' where check_id = 'A5'",
    },
    "mart_segment_ownership": {
        "exactly_one_answers": "set accountable_count = 2 where object_id = 'service:S1'",
        "another_function_takes_part": "set responsible_elsewhere_count = 0"
        " where object_id = 'service:S1'",
        "owners_work_here": "set finding_code = 'OWNER_LEFT' where object_id = 'service:S1'",
    },
}
ALSO = {"revenue_is_positive": {"credits_are_the_exception", "margin_is_possible"}}
CASES = [(suite, name, sql) for suite, faults in FAULTS.items() for name, sql in faults.items()]


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    settings = Settings(env="ci", home=tmp_path_factory.mktemp("clean"), memory_limit="1GB")
    settings.work_dir.mkdir(parents=True)
    con = duckdb.connect(str(settings.warehouse_path))
    con.execute(MARTS)
    con.close()
    return settings


def _not_passed(settings, suites):
    with open_work_file(settings) as connection:
        facts = read_facts(connection)
    paths = [EXPECTATIONS_DIR / f"{suite}.py" for suite in suites]
    results = run_suites(settings, paths, facts, lambda *_: None)
    return {result.name for result in results if result.status != "PASS"}


def test_plausible_batch_passes_every_suite(clean):
    assert _not_passed(clean, FAULTS) == set()


@pytest.mark.parametrize(("suite", "name", "change"), CASES, ids=[case[1] for case in CASES])
def test_fault_fails_its_expectation_and_no_other(clean, tmp_path, suite, name, change):
    settings = Settings(env="ci", home=tmp_path, memory_limit="1GB")
    shutil.copytree(clean.work_dir, settings.work_dir)
    con = duckdb.connect(str(settings.warehouse_path))
    table = f"marts.{suite}"
    verb, _, rest = change.partition(" ")
    con.execute(
        {
            "set": f"update {table} {change}",
            "delete": f"delete from {table} {rest}",
            "insert": f"insert into {table} {rest} from {table}",
        }[verb]
    )
    con.close()
    assert _not_passed(settings, [suite]) == {name} | ALSO.get(name, set())


def test_no_expectation_is_without_its_fault():
    marts = {
        entry.suite: set(entry.names) - {"has_rows"} for entry in outline() if not entry.controls
    }
    assert marts == {suite: set(faults) for suite, faults in FAULTS.items()}


def test_every_control_of_the_project_has_exactly_one_suite():
    judged = [control for entry in outline() for control in entry.controls]
    assert sorted(judged) == sorted(CONTROLS)
