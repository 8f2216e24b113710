"""Matching again after changes gives exactly what matching everything gives."""

import random

import pyarrow as pa
import pytest
from identity_cases import COLUMNS, OTHER_VAT, VAT, company, groups, matched, pair, table, verdicts

from dagster_project.identity.match import Known, match, rematch
from dagster_project.identity.results import Matches, Policy

NAMES = ("Nordwind Logistik", "Nordwind Logistk", "Nordwind Handel", "Sturm GmbH", "Sturm AG")
PHONES = (None, "040 1234567", "040 1234568", "040 7654321")
POLICY = Policy(max_block=5)
"""So few that many keys cross the limit in both directions."""


def known(matches: Matches) -> Known:
    return Known(matches.standardised.records, matches.pairs)


def made_up(rng: random.Random, record_id: str) -> dict[str, object]:
    return company(
        record_id,
        name=rng.choice(NAMES),
        phone=rng.choice(PHONES),
        email=rng.choice((None, "post@nordwind.example", "info@sturm.example")),
        street=rng.choice(("Hafenstr. 7", "Hafenstraße 7", "Marktplatz 2")),
        vat_id=rng.choice((None, None, None, VAT, OTHER_VAT)),
        active=rng.random() < 0.8,
        names=rng.choice((None, None, None, f"erp-{rng.randrange(12)}")),
    )


def changed(rng: random.Random, records: dict[str, dict[str, object]]) -> None:
    """One to three records come, change or go."""
    for _ in range(rng.randint(1, 3)):
        record_id = f"{rng.choice(('erp', 'crm', 'wms'))}-{rng.randrange(12)}"
        if record_id in records and rng.random() < 0.4:
            del records[record_id]
        else:
            records[record_id] = made_up(rng, record_id)


def said(rng: random.Random) -> tuple[str, str, str]:
    left, right = (f"{rng.choice(('erp', 'crm'))}-{rng.randrange(12)}" for _ in range(2))
    return left, right, rng.choice(("same", "different"))


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_changes_gives_the_tables_of_a_full_match(seed):
    rng = random.Random(seed)
    records: dict[str, dict[str, object]] = {}
    for number in range(20):
        record_id = f"{('erp', 'crm', 'wms')[number % 3]}-{number // 2}"
        records[record_id] = made_up(rng, record_id)
    told: list[tuple[str, str, str]] = []
    last = match(table(*records.values()), COLUMNS, None, POLICY)
    for _ in range(6):
        changed(rng, records)
        if rng.random() < 0.5:
            told.append(said(rng))
        now = table(*rng.sample(list(records.values()), len(records)))
        again = rematch(known(last), now, COLUMNS, last.model, verdicts(*told), POLICY)
        whole = match(now, COLUMNS, verdicts(*told), POLICY, last.model)
        again = again or last
        assert again.clusters.equals(whole.clusters)
        assert again.pairs.equals(whole.pairs)
        assert again.standardised.records.equals(whole.standardised.records)
        assert again.blocking.equals(whole.blocking)
        last = again


def test_without_a_change_nothing_is_done():
    records = (company("erp-1", name="Nordwind"), company("crm-1", name="Nordwind"))
    first = matched(*records)
    told = verdicts(("erp-1", "nobody", "same"))
    assert rematch(known(first), table(*reversed(records)), COLUMNS, first.model, told) is None


def test_only_what_may_have_changed_is_compared():
    records = [
        company(f"erp-{n}", name=f"Firm {n}", street=f"Weg {n}", city=None) for n in range(9)
    ]
    first = matched(*records)
    new = table(*records, company("crm-1", name="Firm 3", street="Weg 3", city=None))
    again = rematch(known(first), new, COLUMNS, first.model)
    assert again is not None
    assert (first.compared, again.compared) == (9, 1)


def test_a_new_record_does_not_bring_two_tax_numbers_together():
    alike = {"name": "Nordwind Logistik", "phone": "040 1234567"}
    records = (company("erp-1", vat_id=VAT, **alike), company("crm-1", vat_id=OTHER_VAT, **alike))
    first = matched(*records)
    again = rematch(known(first), table(*records, company("wms-1", **alike)), COLUMNS, first.model)
    assert again is not None
    assert [len(group) for group in groups(again)] == [2]


def test_a_verdict_that_is_taken_back_is_undone():
    records = (company("erp-1", name="Nordwind"), company("crm-1", name="Sturm", city="Bremen"))
    first = matched(*records)
    now = table(*records)
    same = ("erp-1", "crm-1", "same")
    merged = rematch(known(first), now, COLUMNS, first.model, verdicts(same))
    assert merged is not None
    assert len(groups(merged)) == 1
    back = verdicts(same, ("crm-1", "erp-1", "different"))
    parted = rematch(known(merged), now, COLUMNS, first.model, back)
    assert parted is not None
    assert parted.clusters.equals(first.clusters)
    assert pair(parted, "erp-1", "crm-1")["decision"] == "apart"


def test_a_source_names_its_own_duplicate():
    found = matched(
        company("erp-1", name="Nordwind"),
        company("erp-2", name="Sturm", city="Bremen", names="erp-1"),
    )
    assert groups(found) == {frozenset({"erp-1", "erp-2"})}
    assert pair(found, "erp-1", "erp-2")["reason"] == "erp names the other record"


def test_a_named_record_with_another_tax_number_is_for_a_person_to_judge():
    found = matched(
        company("erp-1", name="Nordwind", vat_id=VAT),
        company("crm-1", name="Nordwind", vat_id=OTHER_VAT, names="erp-1"),
    )
    assert groups(found) == set()
    assert pair(found, "crm-1", "erp-1")["decision"] == "review"


def test_records_that_name_one_customer_are_one_though_their_source_repeats():
    found = matched(
        company("erp-1", name="Nordwind"),
        company("crm-1", name="Sturm", names="erp-1"),
        company("crm-2", name="Bora", city="Bremen", names="erp-1"),
        company("crm-3", name="Bora", city="Bremen", names="erp-9"),
    )
    assert groups(found) == {frozenset({"erp-1", "crm-1", "crm-2"})}


def test_an_empty_known_table_is_a_full_match():
    first = match(pa.Table.from_pylist([], schema=table().schema), COLUMNS)
    again = rematch(known(first), table(company("erp-1", name="Nordwind")), COLUMNS, first.model)
    assert again is not None
    assert again.clusters["record_id"].to_pylist() == ["erp-1"]
