"""The truth file agrees with the files, and the planted habits are there to be found."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from simulated_company import CONTRACTS, Company, fingerprints, load_company, write_company

from dagster_project.errors import UsageError
from dagster_project.simulator import simulate


@pytest.fixture(scope="module")
def busy_company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Big enough for shares and classes to be visible."""
    return write_company(tmp_path_factory.mktemp("simulated") / "s", size="S")


def test_same_seed_writes_the_same_bytes(tmp_path: Path, company_with_tail: Company) -> None:
    simulate("XS", 42, tmp_path / "again", tail_days=2)
    assert fingerprints(tmp_path / "again") == fingerprints(company_with_tail.folder)


def test_another_seed_writes_another_company(tmp_path: Path, company: Company) -> None:
    simulate("XS", 43, tmp_path / "other")
    other, mine = fingerprints(tmp_path / "other"), fingerprints(company.folder)
    same = {name for name in mine if other.get(name) == mine[name]}
    assert not any("/sales_order" in name or "/invoice" in name for name in same)


def test_truth_counts_the_rows_of_every_batch(company_with_tail: Company) -> None:
    feeds = company_with_tail.truth["feeds"]
    assert set(feeds) == {f"{system}.{feed}" for system, feed in CONTRACTS}
    for _, manifest in company_with_tail.manifests():
        batches = feeds[f"{manifest['system']}.{manifest['feed']}"]["batches"]
        assert batches[manifest["batch_id"]] == manifest["row_count"]
    for name, feed in feeds.items():
        table = name.replace(".", "__") + "__all"
        assert company_with_tail.value(f"select count(*) from {table}") == feed["rows"]


def test_truth_file_is_what_simulate_returns(company: Company) -> None:
    written = json.loads((company.folder / "truth.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(company.truth, default=str))


def test_truth_totals_are_those_of_the_documents(company: Company) -> None:
    by_account = {
        (row[0], row[1], row[2]): (row[3], row[4])
        for row in company.rows(
            "select company_code, strftime(posting_date, '%Y-%m'), gl_account, count(*),"
            " sum(l.net_amount) from erp__invoice_line as l"
            " inner join erp__invoice as i using (invoice_id) group by all"
        )
    }
    truth: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for row in company.truth["totals"]["documents"]:
        key = (row["company_code"], row["period"], row["account"])
        lines, net = truth.get(key, (0, Decimal(0)))
        truth[key] = (lines + row["lines"], net + row["net"])
    assert truth == by_account
    ordered = company.rows(
        "select count(distinct order_id), count(*) from erp__sales_order_line where revision = 1"
    )[0]
    orders = company.truth["totals"]["orders"]
    assert (sum(o["orders"] for o in orders), sum(o["lines"] for o in orders)) == ordered


def test_better_tiers_buy_more_and_are_served_better(busy_company: Company) -> None:
    busy_company.con.execute(
        "create temp table tier as select unnest($1) as customer_id, unnest($2) as tier",
        [
            [c["customer_id"] for c in busy_company.truth["customers"] if c["kind"] == "SOLD_TO"],
            [c["tier"] for c in busy_company.truth["customers"] if c["kind"] == "SOLD_TO"],
        ],
    )
    revenue = busy_company.rows(
        "select tier, sum(net_amount) / count(distinct customer_id) from erp__invoice"
        " inner join tier on customer_id = sold_to_customer_id group by 1 order by 1"
    )
    assert [tier for tier, _ in revenue] == ["S1", "S2", "S3", "S4"]
    assert [value for _, value in revenue] == sorted((v for _, v in revenue), reverse=True)
    failures = busy_company.rows(
        f"select tier, count(*) / any_value(n) from '{busy_company.folder}/truth_failure.parquet'"
        " inner join tier using (customer_id) inner join (select tier, count(*) as n"
        " from erp__sales_order_line inner join erp__sales_order using (order_id, revision)"
        " inner join tier on customer_id = sold_to_customer_id where revision = 1 group by 1)"
        " using (tier) group by 1 order by 1"
    )
    assert [value for _, value in failures] == sorted(value for _, value in failures)


def test_planted_demand_class_shows_in_the_demand(busy_company: Company) -> None:
    """The limits are those of Syntetos and Boylan: interval 1.32, squared variation 0.49."""
    verdicts = []
    for customer in busy_company.truth["customers"]:
        if customer["kind"] == "SOLD_TO" and customer["life"] == "ACTIVE":
            is_rare = customer["demand_interval"] >= 1.32
            is_wild = customer["demand_cv2"] >= 0.49
            found = {
                (False, False): "SMOOTH",
                (True, False): "INTERMITTENT",
                (False, True): "ERRATIC",
                (True, True): "LUMPY",
            }[is_rare, is_wild]
            verdicts.append(found == customer["planted_demand_class"])
    assert len(verdicts) > 200
    assert sum(verdicts) / len(verdicts) >= 0.95


def test_a_company_has_every_kind_of_customer_and_document(busy_company: Company) -> None:
    customers = busy_company.truth["customers"]
    assert {c["life"] for c in customers} == {"ACTIVE", "NEW", "DORMANT", "REACTIVATED"}
    assert sum(c["tier_after"] is not None for c in customers) >= 10
    assert {"INTERCOMPANY", "EMPLOYEE", "ONE_TIME", "TEST", "PROSPECT"} <= {
        c["kind"] for c in customers
    }
    types = Counter(row[0] for row in busy_company.rows("select invoice_type from erp__invoice"))
    assert {"INVOICE", "CREDIT", "DEBIT", "CANCEL"} <= set(types)
    assert {row[0] for row in busy_company.rows("select distinct currency from erp__invoice")} == {
        "EUR",
        "USD",
        "GBP",
    }
    assert busy_company.truth["late_facts"] > 0
    assert len(busy_company.truth["duplicates"]) >= 10
    assert len(busy_company.truth["failures"]) >= 8


def test_promise_moves_first_confirmed_only_for_the_customer(busy_company: Company) -> None:
    changed = busy_company.rows(
        "select promise_change_by, count(*), count(*) filter (where"
        " first_confirmed_at <> before) from (select *, lag(first_confirmed_at) over"
        " (partition by order_id, line_no order by revision) as before"
        " from erp__sales_order_line) where promise_change_by is not null group by 1 order by 1"
    )
    (customer, moved, rebased), (seller, changes, rebased_by_seller) = changed
    assert (customer, seller) == ("CUSTOMER", "SELLER")
    assert moved == rebased > 0
    assert changes > 0
    assert rebased_by_seller == 0


def test_an_unknown_size_or_fault_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="XS, S, M, L"):
        simulate("XXL", 1, tmp_path / "out")
    with pytest.raises(UsageError, match="missing_invoice_line"):
        simulate("XS", 1, tmp_path / "out", plant=["no_such_fault"])
    assert not (tmp_path / "out").exists()


def test_a_folder_with_files_is_not_written_to(company: Company) -> None:
    before = fingerprints(company.folder)
    with pytest.raises(UsageError, match="not empty"):
        simulate("XS", 1, company.folder)
    assert fingerprints(company.folder) == before


def test_the_reader_of_these_tests_sees_the_files(company: Company) -> None:
    assert load_company(company.folder, company.truth).value(
        "select count(*) from erp__customer"
    ) == len(company.truth["customers"])
