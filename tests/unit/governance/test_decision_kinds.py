"""A decision fits its kind, or it is refused with the reason; each kind is a table."""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
import yaml
from decision_cases import EXPLANATION, VERDICT

from dagster_project.analytics.tables import DuckDBTables, MemoryTables
from dagster_project.errors import RedError, UsageError
from dagster_project.governance import KINDS, DecisionStore
from dagster_project.governance.kinds import validated
from dagster_project.governance.tables import COMMON, write_tables
from dagster_project.settings import DBT_DIR


@pytest.fixture
def store(tmp_path) -> DecisionStore:
    return DecisionStore(f"sqlite:///{tmp_path / 'decisions.db'}")


def _explained(**changes):
    return replace(EXPLANATION, payload=EXPLANATION.payload | changes)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (replace(VERDICT, kind="opinion"), "no kind of decision 'opinion'"),
        (replace(VERDICT, role="finance"), "Roles that may: data_steward, sales, supply_chain"),
        (replace(VERDICT, actor=" "), "actor is blank"),
        (replace(VERDICT, reason=""), "reason is blank"),
        (replace(VERDICT, subject=""), "subject is blank"),
        (replace(VERDICT, payload=VERDICT.payload | {"mood": "good"}), "has no mood"),
        (replace(VERDICT, payload={"left_id": "a", "verdict": "same"}), "right_id is missing"),
        (replace(VERDICT, payload=VERDICT.payload | {"verdict": "maybe"}), "same, different"),
        (replace(VERDICT, payload=VERDICT.payload | {"left_id": 7}), "left_id is 7"),
        (_explained(amount=0.1), "amount is 0.1"),
        (_explained(amount="1.005"), "amount is '1.005'"),
        (_explained(amount="1" * 17), "Give a value of type decimal"),
        (_explained(amount="NaN"), "amount is 'NaN'"),
        (_explained(amount=True), "amount is True"),
        (_explained(reason_code="luck"), "manual_journal"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_with_the_reason(store, entry, why):
    with pytest.raises(UsageError) as error:
        store.append(entry)
    assert why in str(error.value)
    assert error.value.fix
    assert store.read() == []


@pytest.mark.parametrize("value", ["2026-02-30", "soon", datetime(2026, 1, 1), 20260101])
def test_what_is_no_day_is_no_date(value):
    payload = {"control_id": "R-02", "fiscal_period": "2026-01", "expires_on": value}
    with pytest.raises(UsageError, match="expires_on"):
        validated(KINDS["release_waiver"], payload)


def test_values_are_kept_in_one_form():
    kind = KINDS["reconciliation_explanation"]
    forms = ["-120.5", "-120.50", Decimal("-120.500"), "-1.205e2"]
    kept = {validated(kind, EXPLANATION.payload | {"amount": form})["amount"] for form in forms}
    assert kept == {"-120.50"}
    assert validated(kind, EXPLANATION.payload | {"amount": 0})["amount"] == "0.00"
    assert validated(kind, EXPLANATION.payload | {"amount": "-0"})["amount"] == "0.00"
    waiver = {"control_id": " R-02", "fiscal_period": "*", "expires_on": date(2026, 1, 31)}
    assert validated(KINDS["release_waiver"], waiver) == {
        "control_id": "R-02",
        "fiscal_period": "*",
        "expires_on": "2026-01-31",
    }


def test_each_kind_is_a_table_with_typed_columns_also_where_nothing_was_decided(store):
    store.append(EXPLANATION)
    con = duckdb.connect()
    counts = write_tables(store, DuckDBTables(con))
    assert counts == dict.fromkeys(KINDS, 0) | {"reconciliation_explanation": 1}
    for name, kind in KINDS.items():
        found = con.execute(f"select * from decisions.{name} limit 0").description
        assert [column[0] for column in found] == [*COMMON, *kind.columns]
    assert con.execute(
        "select seq, subject, role, amount, ticket from decisions.reconciliation_explanation"
    ).fetchall() == [(1, "R-02|1000|2026-01", "finance", Decimal("-120.50"), None)]
    assert con.execute(
        "select typeof(expires_on), typeof(decided_at) from (select 1) left join"
        " decisions.release_waiver on true"
    ).fetchall() == [("DATE", "TIMESTAMP")]


def test_no_table_is_written_from_a_broken_chain(store, tmp_path):
    import sqlite3

    store.append(VERDICT)
    with sqlite3.connect(tmp_path / "decisions.db") as con:
        con.execute("drop trigger decision_no_update")
        con.execute("update decision set role = 'data_steward'")
    tables = MemoryTables()
    with pytest.raises(RedError, match="broken at decision 1"):
        write_tables(store, tables)
    assert tables.tables == {}


def test_dbt_knows_each_kind_with_its_columns_and_types():
    path = DBT_DIR / "models" / "staging" / "decisions" / "_decisions__tables.yml"
    (source,) = yaml.safe_load(path.read_text())["sources"]
    declared = {
        table["name"]: {c["name"]: c["data_type"] for c in table["columns"]}
        for table in source["tables"]
    }
    common = dict.fromkeys(COMMON, "varchar") | {"seq": "bigint", "decided_at": "timestamp"}
    assert declared == {name: common | dict(kind.columns) for name, kind in KINDS.items()}


def test_descriptions_end_with_the_grain():
    for kind in KINDS.values():
        assert re.search(r"One row per \w+\.$", kind.description)
        assert kind.roles
