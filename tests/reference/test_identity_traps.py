"""What must not be merged in real data, and identifiers with published check digits.

DataCo Smart Supply Chain (Constante, Silva, Pereira 2019): 1,721 customers are called Mary Smith.
GTIN 629104150021 has check digit 3 (GS1); LEI 213800KUD8LAJWSQ9D15 is valid (python-stdnum).
"""

from difflib import SequenceMatcher

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from real_data import real_data

from dagster_project.identity.columns import MatchColumns
from dagster_project.identity.identifiers import gs1_check_digit, judge
from dagster_project.identity.match import match
from dagster_project.identity.results import Matches, Policy

COLUMNS = MatchColumns(
    id="Customer Id",
    source="source",
    kinds={
        "Customer Fname": "given_name",
        "Customer Lname": "surname",
        "Customer Street": "street",
        "Customer City": "city",
        "Customer State": "region",
        "Customer Zipcode": "postcode",
        "Customer Country": "country",
    },
)


@pytest.fixture(scope="module")
def customers() -> pa.Table:
    table = pq.read_table(real_data("dataco", "crm_customers.parquet"))
    return table.append_column("source", pa.array(["crm"] * len(table)))


@pytest.fixture(scope="module")
def one_system(customers) -> Matches:
    return match(customers, COLUMNS)


def merged(found: Matches) -> list[tuple[str, str]]:
    """Record and the first of its cluster, where they are not the same."""
    return [
        (row["record_id"], row["cluster_id"])
        for row in found.clusters.to_pylist()
        if row["record_id"] != row["cluster_id"]
    ]


def test_no_customer_of_one_system_is_merged_with_another(customers, one_system):
    names = customers.select(["Customer Fname", "Customer Lname"]).to_pandas()
    assert (names == ["Mary", "Smith"]).all(axis=1).sum() == 1_721
    assert merged(one_system) == []


def test_even_where_duplicates_are_allowed_a_name_needs_its_street(customers, one_system):
    policy = Policy(merge_within=["crm"])
    found = match(customers, COLUMNS, policy=policy, trained=one_system.model)
    records = {row["record_id"]: row for row in found.standardised.records.to_pylist()}
    pairs = merged(found)
    auto = [row for row in found.pairs.to_pylist() if row["decision"] == "auto"]
    assert auto
    for row in auto:
        one, other = records[row["left_id"]], records[row["right_id"]]
        assert one["house_number"] == other["house_number"]
        assert one["city"] == other["city"] or one["postcode"] == other["postcode"]
        assert SequenceMatcher(None, one["street"], other["street"]).ratio() > 0.6
    mary_smiths = [
        left
        for left, _ in pairs
        if (records[left]["given_name"], records[left]["surname"]) == ("mary", "smith")
    ]
    print(f"DataCo: {len(pairs)} records share name and address, {len(mary_smiths)} Mary Smiths")
    assert len(mary_smiths) < 100


def test_published_check_digits():
    assert gs1_check_digit("629104150021") == "3"
    assert judge("gln", "6291041500213", None) == ("6291041500213", None)
    assert judge("gln", "6291041500214", None)[0] is None
    assert judge("lei", "213800KUD8LAJWSQ9D15", None) == ("213800KUD8LAJWSQ9D15", None)
    assert judge("lei", "213800KUD8LAJWSQ9D51", None)[0] is None
