"""One customer out of many records, on the whole way: planted duplicates, merge and un-merge."""

import duckdb
import pyarrow as pa
import pytest
from pipeline_company import Company, company

from dagster_project.errors import UsageError
from dagster_project.governance import DecisionStore, Entry
from dagster_project.identity.home import members_of, why_pair
from dagster_project.identity.threshold import pairwise

pytestmark = pytest.mark.further

UNTOUCHED = ("mart_governance__", "audit_", "mart_edge_case_monitor")
"""Marts that tell what people did; every other one is as it was after an un-merge."""


@pytest.fixture(scope="module", params=["XS", "S"])
def built(request, tmp_path_factory) -> Company:
    """A simulated company as it was built first, by the model and nobody's verdict."""
    made = company(tmp_path_factory.mktemp("one_customer"), size=request.param)
    made.land()
    made.build()
    return made


def ask(made: Company, sql: str) -> pa.Table:
    with duckdb.connect(str(made.settings.warehouse_path), read_only=True) as con:
        return con.sql(sql).to_arrow_table()


def truth(made: Company) -> pa.Table:
    path = made.extracts / "truth_party.parquet"
    return duckdb.sql(f"select record_id, party as cluster_id from '{path}'").to_arrow_table()


def clusters(made: Company) -> pa.Table:
    return ask(
        made,
        "select source_system || ':' || source_id as record_id, party_key as cluster_id"
        " from marts.dim_customer_crosswalk",
    )


def decide(made: Company, left: str, right: str, verdict: str) -> None:
    payload = {"left_id": left, "right_id": right, "verdict": verdict}
    entry = Entry(
        "identity_verdict", f"{left}|{right}", "anna", "data_steward", "asked them", payload
    )
    DecisionStore(made.settings.decisions_url).append(entry)


def digests(made: Company) -> dict[str, str]:
    return {k: v for k, v in made.digests().items() if not k.startswith(UNTOUCHED)}


def planted_twice(made: Company) -> list[tuple[str, str]]:
    """ERP customers in use that are one company: only a person may merge them."""
    path = made.extracts / "truth.json"
    found = duckdb.sql(
        f"select unnest(duplicates, recursive := true) from read_json('{path}')"
    ).fetchall()
    return [(f"erp:{one}", f"erp:{other}") for one, other in found]


def answered(made: Company) -> list[tuple[str, str]]:
    """Pairs of the review queue that are one company."""
    party = dict(zip(*truth(made).to_pydict().values(), strict=True))
    queue = ask(made, "select left_id, right_id from marts.mart_governance__match_review")
    pairs = [tuple(row.values()) for row in queue.to_pylist()]
    return [(left, right) for left, right in pairs if party[left] == party[right]]


def test_every_record_of_every_system_is_in_the_crosswalk_once(built):
    assert ask(built, "select record_id from intermediate.int_party__record").num_rows == (
        clusters(built).num_rows
    )


def test_simulated_numbers_are_valid(built):
    """So that a wrong number in a test is one that somebody planted."""
    raw, valid = (
        ask(
            built,
            "select count(given.tax_id), count(found.tax_id)"
            " from intermediate.int_party__record as given"
            " join analytics.identity_record as found using (record_id)"
            " where given.source_system = 'erp'",
        )
        .to_pylist()[0]
        .values()
    )
    assert raw == valid > 0


def test_what_is_merged_without_asking_is_right(built):
    found = pairwise(clusters(built), truth(built))
    print(f"merged without asking: {found}, precision {found.precision:.4f}")
    assert found.precision >= 0.99
    assert found.found >= 60


def test_each_company_with_two_numbers_in_use_waits_for_a_person(built):
    queue = ask(built, "select left_id, right_id from marts.mart_governance__match_review")
    waiting = {tuple(row.values()) for row in queue.to_pylist()}
    assert planted_twice(built)
    assert set(planted_twice(built)) <= waiting


def test_with_the_queue_answered_the_planted_duplicates_are_found(built):
    """Somebody who knows the truth answers. Afterwards the verdicts are taken back."""
    before = digests(built)
    answers = answered(built)
    for left, right in answers:
        decide(built, left, right, "same")
    built.build()
    merged = pairwise(clusters(built), truth(built))
    print(f"with the queue answered: {merged}, F1 {merged.f1:.4f}")
    assert merged.precision >= 0.99
    assert merged.f1 >= 0.98
    assert digests(built) != before
    moved = ask(
        built,
        "select count(distinct entity_id), count(distinct party_key) from marts.dim_customer"
        " where customer_id in ({})".format(
            ", ".join(f"'{record[4:]}'" for record in planted_twice(built)[0])
        ),
    )
    assert list(moved.to_pylist()[0].values()) == [1, 1]
    in_steps = built.digests()
    built.build(full=True)
    assert built.digests() == in_steps
    for left, right in answers:
        decide(built, left, right, "different")
    built.build()
    assert digests(built) == before


def test_money_of_a_merged_party_is_the_money_of_its_customers(built):
    total = ask(built, "select sum(net_amount_group) from marts.fct_invoice_line")
    decide(built, *planted_twice(built)[0], "same")
    built.build()
    merged = ask(
        built,
        "select sum(net_amount_group), count(distinct entity_id) from marts.fct_invoice_line",
    )
    decide(built, *planted_twice(built)[0], "different")
    built.build()
    assert merged.column(0).to_pylist() == total.column(0).to_pylist()


def test_a_day_without_a_changed_record_compares_nothing(built):
    from dagster_project.analytics.tables import DuckDBTables
    from dagster_project.identity.run import run_identity

    with duckdb.connect(str(built.settings.warehouse_path)) as con:
        facts = run_identity(DuckDBTables(con), "2025-12-31")
    assert facts["compared"] == 0


def test_a_person_sees_which_records_are_a_party_and_why(built):
    merged = ask(
        built,
        "select party_key, party_name, name_from, records_count from marts.dim_party"
        " where erp_customers_count > 1 and crm_accounts_count > 0 order by party_key limit 1",
    ).to_pylist()[0]
    members = members_of(built.settings, merged["party_key"])
    assert len(members) == merged["records_count"]
    assert members[0]["record_id"] == merged["party_key"]
    assert merged["name_from"].startswith("erp:")
    assert members == members_of(built.settings, merged["party_key"].removeprefix("erp:"))
    other = members[1]
    told = why_pair(built.settings, other["record_id"], other["linked_id"])
    assert told["decision"] == "auto"
    assert told["reason"] == other["explanation"]
    assert any(line.startswith("name: ") for line in told["evidence"])


def test_an_unknown_record_is_a_usage_error(built):
    with pytest.raises(UsageError):
        members_of(built.settings, "erp:nobody")


def test_the_golden_record_keeps_every_party_and_nobody_twice(built):
    counts = ask(
        built,
        "select (select count(*) from marts.dim_party),"
        " (select count(distinct party_key) from marts.dim_customer_crosswalk),"
        " (select sum(records_count) from marts.dim_party),"
        " (select count(*) from marts.dim_customer_crosswalk)",
    ).to_pylist()[0]
    parties, keys, records, rows = counts.values()
    assert parties == keys
    assert records == rows
