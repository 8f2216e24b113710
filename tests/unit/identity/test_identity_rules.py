"""Who is merged, who is shown to a person and who stays apart, rule by rule."""

import random

import pyarrow as pa
import pytest
from identity_cases import (
    COLUMNS,
    LEI,
    OTHER_VAT,
    VAT,
    company,
    groups,
    matched,
    pair,
    table,
    verdicts,
)

from dagster_project.errors import UsageError
from dagster_project.identity.columns import MatchColumns
from dagster_project.identity.match import match

THREE_NAMES = (
    company("erp-1", name="Nordwind Logistik GmbH", vat_id=VAT),
    company("crm-1", name="NWL Spedition", street="Am Kai 3", vat_id="DE 136 695 976"),
    company("wms-1", name="Sturm & Co", city="Bremen", postcode="28195", vat_id=VAT),
)
ALIKE = {"name": "Nordwind Logistik", "phone": "040 1234567", "email": "post@nordwind.example"}


def test_one_customer_under_three_names_is_one_by_its_vat_number():
    found = matched(*THREE_NAMES)
    assert groups(found) == {frozenset({"erp-1", "crm-1", "wms-1"})}
    assert set(found.clusters["method"].to_pylist()) == {"DETERMINISTIC"}
    assert set(found.clusters["cluster_id"].to_pylist()) == {"crm-1"}


def test_an_invalid_vat_number_links_nobody():
    wrong = [record | {"vat_id": "DE136695977"} for record in THREE_NAMES]
    assert groups(matched(*wrong)) == set()


@pytest.mark.parametrize(("kind", "number"), [("lei", LEI), ("gln", "6291041500213")])
def test_lei_and_gln_identify(kind, number):
    found = matched(
        company("erp-1", name="Nordwind", **{kind: number}),
        company("crm-1", name="Sturm", **{kind: number}),
    )
    assert pair(found, "erp-1", "crm-1")["rule"] == kind
    assert len(groups(found)) == 1


def test_a_tax_number_identifies_with_its_country_only():
    one = company("erp-1", name="Nordwind", tax_id="911144442", country="US")
    other = company("crm-1", name="Sturm", tax_id="91-1144442", country="USA")
    abroad = company("crm-1", name="Sturm", tax_id="91-1144442", country=None)
    assert len(groups(matched(one, other))) == 1
    assert groups(matched(one, abroad)) == set()


def test_two_legal_entities_at_one_address_stay_apart():
    found = matched(
        company("erp-1", name="Nordwind Logistik GmbH", phone="040 1234567"),
        company("crm-1", name="Sturm Handels AG", phone="040 1234567"),
    )
    assert groups(found) == set()
    assert pair(found, "erp-1", "crm-1").get("decision") != "auto"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("Nordwind GmbH", "Nordwind AG", id="other legal form"),
        pytest.param("Nordwind Werk 1", "Nordwind Werk 2", id="other number"),
        pytest.param("Nordwind Holding", "Nordwind Handel", id="similar name"),
    ],
)
def test_sister_companies_at_one_address_are_not_merged(left, right):
    found = matched(company("erp-1", name=left), company("crm-1", name=right))
    assert groups(found) == set()


def test_the_same_company_with_a_typing_error_is_merged():
    found = matched(
        company("erp-1", **ALIKE | {"name": "Nordwind Logistik GmbH"}),
        company("crm-1", **ALIKE | {"name": "Nordwnd Logistik"}),
    )
    assert pair(found, "erp-1", "crm-1")["decision"] == "auto"
    assert set(found.clusters["method"].to_pylist()) == {"PROBABILISTIC"}


def test_a_name_alone_never_identifies():
    elsewhere = {"street": None, "city": "Hamburg", "postcode": None}
    found = matched(
        company("erp-1", name="Nordwind Logistik", **elsewhere),
        company("crm-1", name="Nordwind Logistik", **elsewhere),
    )
    assert groups(found) == set()


def test_a_phone_alone_is_for_a_person_to_judge():
    nowhere = {"street": None, "city": None, "postcode": None}
    found = matched(
        company("erp-1", name=None, phone="040 1234567", email="a@b.example", **nowhere),
        company("crm-1", name=None, phone="040 1234567", email=None, **nowhere),
        review_threshold=0.0,
    )
    assert pair(found, "erp-1", "crm-1")["decision"] == "review"
    assert groups(found) == set()


def test_two_different_valid_tax_numbers_never_merge():
    found = matched(
        company("erp-1", vat_id=VAT, lei=LEI, **ALIKE),
        company("crm-1", vat_id=OTHER_VAT, lei=LEI, **ALIKE),
    )
    assert groups(found) == set()
    assert pair(found, "erp-1", "crm-1")["reason"] == "two different valid vat_id"


def test_two_different_valid_tax_numbers_do_not_merge_through_a_third_record():
    found = matched(
        company("erp-1", vat_id=VAT, **ALIKE),
        company("wms-1", **ALIKE),
        company("crm-1", vat_id=OTHER_VAT, **ALIKE | {"phone": None}),
    )
    assert groups(found) == {frozenset({"erp-1", "wms-1"})}
    cut = pair(found, "crm-1", "wms-1")
    assert cut["decision"] == "review"
    assert "must stay apart" in cut["reason"]


def test_two_active_records_of_one_source_are_for_a_person_to_judge():
    found = matched(company("erp-1", **ALIKE), company("erp-2", **ALIKE))
    assert groups(found) == set()
    assert pair(found, "erp-1", "erp-2")["decision"] == "review"


def test_one_source_may_repeat_a_vat_number_without_a_merge():
    found = matched(company("erp-1", name="A", vat_id=VAT), company("erp-2", name="B", vat_id=VAT))
    assert groups(found) == set()
    assert pair(found, "erp-1", "erp-2")["decision"] == "review"


def test_two_records_of_one_source_do_not_merge_through_a_third():
    found = matched(*(company(id, **ALIKE) for id in ("erp-1", "erp-2", "crm-1")))
    assert groups(found) == {frozenset({"erp-1", "crm-1"})}


def test_a_source_that_may_hold_duplicates_is_merged():
    records = company("erp-1", **ALIKE), company("erp-2", **ALIKE)
    assert len(groups(matched(*records, merge_within=["erp"]))) == 1
    assert groups(matched(*records, merge_within=["crm"])) == set()


def test_a_closed_record_may_join_its_successor_in_the_same_source():
    found = matched(company("erp-1", active=False, **ALIKE), company("erp-2", **ALIKE))
    assert len(groups(found)) == 1


def test_a_person_can_merge_what_the_model_would_not():
    records = company("erp-1", name="Nordwind"), company("erp-2", name="Sturm", city="Bremen")
    told = verdicts(("erp-2", "erp-1", "same"))
    found = matched(*records, told=told)
    assert groups(found) == {frozenset({"erp-1", "erp-2"})}
    assert set(found.clusters["method"].to_pylist()) == {"MANUAL"}


def test_a_person_can_part_what_an_identifier_joins():
    told = verdicts(("crm-1", "erp-1", "different"))
    found = matched(*THREE_NAMES, told=told)
    assert pair(found, "crm-1", "erp-1")["decision"] == "apart"
    assert all(not {"crm-1", "erp-1"} <= group for group in groups(found))
    assert len(groups(found)) == 1


def test_an_unmerge_gives_the_clusters_of_before_the_merge():
    records = company("erp-1", name="Nordwind"), company("crm-1", name="Sturm", city="Bremen")
    before = matched(*records)
    told = (("erp-1", "crm-1", "same"), ("erp-1", "crm-1", "different"))
    assert groups(matched(*records, told=verdicts(told[0]))) != groups(before)
    assert matched(*records, told=verdicts(*told)).clusters.equals(before.clusters)


def test_a_person_cannot_merge_two_different_valid_tax_numbers():
    told = verdicts(("erp-1", "crm-1", "same"))
    found = matched(
        company("erp-1", vat_id=VAT, **ALIKE),
        company("crm-1", vat_id=OTHER_VAT, **ALIKE),
        told=told,
    )
    assert groups(found) == set()
    assert pair(found, "erp-1", "crm-1")["reason"].startswith("a person says same, but")


def test_an_unknown_verdict_is_refused():
    with pytest.raises(UsageError):
        matched(*THREE_NAMES, told=verdicts(("erp-1", "crm-1", "perhaps")))


def test_the_order_of_the_records_does_not_matter():
    records = [
        *THREE_NAMES,
        *(company(f"{source}-2", **ALIKE) for source in ("erp", "crm", "wms")),
        company("tms-2", vat_id=OTHER_VAT, **ALIKE),
        company("tms-3", name="Sturm"),
    ]
    first = matched(*records)
    for seed in range(3):
        mixed = random.Random(seed).sample(records, len(records))
        again = matched(*mixed)
        assert again.clusters.equals(first.clusters)
        assert again.pairs.equals(first.pairs)


def test_records_with_identifiers_only_need_no_model():
    records = pa.table({"id": ["a", "b", "c"], "vat": [VAT, VAT, OTHER_VAT]})
    found = match(records, MatchColumns("id", {"vat": "vat_id"}))
    assert groups(found) == {frozenset({"a", "b"})}


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_match_is_no_error(count):
    found = match(table(*[company("erp-1", **ALIKE)][:count]), COLUMNS)
    assert len(found.clusters) == count
    assert len(found.pairs) == 0
