"""Learning, blocking, thresholds and words."""

import duckdb
import pyarrow as pa
import pytest
from identity_cases import OTHER_VAT, VAT, company, matched

from benchmarks.identity import COLUMNS as MADE_UP_COLUMNS
from benchmarks.identity import made_up
from dagster_project.errors import UsageError
from dagster_project.identity import blocking
from dagster_project.identity.explain import explain, in_words
from dagster_project.identity.match import match
from dagster_project.identity.model import Model
from dagster_project.identity.prior import fit_prior
from dagster_project.identity.threshold import choose_threshold, pairwise

ALIKE = {"name": "Nordwind Logistik", "phone": "040 1234567", "email": "post@nordwind.example"}


@pytest.fixture(scope="module")
def company_records():
    """A thousand made-up records and the truth about them."""
    return made_up(1_000)


@pytest.fixture(scope="module")
def learnt(company_records):
    return match(company_records[0], MADE_UP_COLUMNS)


def test_a_learnt_model_finds_the_planted_duplicates(company_records, learnt):
    accuracy = pairwise(learnt.clusters, company_records[1])
    assert learnt.model.is_learnt
    assert accuracy.precision >= 0.99
    assert accuracy.f1 >= 0.98


def test_a_second_run_on_mixed_rows_is_the_same_to_the_last_bit(company_records, learnt):
    mixed = company_records[0].take(list(reversed(range(len(company_records[0])))))
    again = match(mixed, MADE_UP_COLUMNS)
    assert again.model.to_json() == learnt.model.to_json()
    assert again.pairs.equals(learnt.pairs)
    assert again.clusters.equals(learnt.clusters)


def test_a_model_survives_being_written_down(company_records, learnt):
    read = Model.from_json(learnt.model.to_json())
    again = match(company_records[0], MADE_UP_COLUMNS, trained=read)
    assert again.pairs.equals(learnt.pairs)


def test_a_key_that_too_many_records_share_is_left_out_and_counted():
    con = duckdb.connect()
    con.execute("""
        create table record as
        select i::integer as place, case when i < 6 then 'x' else i::varchar end as email,
            false as is_new
        from range(8) as t(i)""")
    rule = blocking.Rule("email", ("email",), "email")
    account = blocking.candidates(con, [rule], max_block=5).to_pylist()
    assert account == [
        {
            "rule": "email",
            "keys": 0,
            "pairs": 0,
            "skipped_keys": 1,
            "skipped_records": 6,
            "skipped_pairs": 15,
        }
    ]
    con.execute("drop table candidate")
    account = blocking.candidates(con, [rule], max_block=6).to_pylist()
    assert (account[0]["pairs"], account[0]["skipped_pairs"]) == (15, 0)


def test_the_prior_is_the_share_of_matches_among_all_pairs():
    import numpy as np

    weights = np.r_[np.full(50, 60.0), np.full(400, -60.0)]
    assert fit_prior(weights, 1_000) == pytest.approx(50 / 499_500, rel=1e-4)


def _judged(*judged):
    names = [f"{number}" for number in range(len(judged))]
    pairs = pa.table(
        {
            "left_id": ["a"] * len(judged),
            "right_id": names,
            "match_probability": [p for p, _ in judged],
        }
    )
    labels = pa.table(
        {"left_id": names, "right_id": ["a"] * len(judged), "is_match": [m for _, m in judged]}
    )
    return pairs, labels


def test_the_threshold_is_the_lowest_that_is_precise_enough():
    pairs, labels = _judged((0.99, True), (0.9, True), (0.8, False), (0.7, True), (0.6, False))
    assert choose_threshold(pairs, labels, precision=0.99) == 0.9
    assert choose_threshold(pairs, labels, precision=0.75) == 0.7
    assert choose_threshold(pairs, labels, precision=0.1) == 0.6


def test_pairs_of_one_probability_are_judged_together():
    pairs, labels = _judged((0.9, True), (0.9, False))
    with pytest.raises(UsageError):
        choose_threshold(pairs, labels, precision=0.99)


def test_pairs_without_a_label_are_not_judged():
    pairs, labels = _judged((0.9, True), (0.8, False))
    assert choose_threshold(pairs, labels.slice(0, 1)) == 0.9


def test_pairwise_accuracy_counts_pairs_not_records():
    found = pa.table({"record_id": list("abcd"), "cluster_id": ["1", "1", "1", "2"]})
    truth = pa.table({"record_id": list("abcd"), "cluster_id": ["x", "x", "y", "y"]})
    accuracy = pairwise(found, truth)
    assert (accuracy.found, accuracy.true, accuracy.right) == (3, 2, 1)
    assert accuracy.f1 == pytest.approx(2 / 5)


def test_the_weights_of_an_explanation_add_up_to_the_score(learnt):
    row = next(row for row in learnt.pairs.to_pylist() if row["rule"] == "model")
    findings = explain(learnt.standardised.records, learnt.model, row["right_id"], row["left_id"])
    total = sum(found.weight or 0.0 for found in findings)
    assert total == pytest.approx(row["match_weight"], abs=1e-9)


def test_an_explanation_says_what_agrees_and_what_does_not():
    found = matched(
        company("erp-1", vat_id=VAT, **ALIKE),
        company("crm-1", vat_id=OTHER_VAT, **ALIKE | {"phone": None, "name": "Sturm"}),
    )
    words = in_words(explain(found.standardised.records, found.model, "erp-1", "crm-1"))
    assert words[0] == "vat_id: different valid number"
    assert "phone: missing on one side, says nothing" in words
    assert any(line.startswith("email: the same (+") for line in words)
    assert any(line.startswith("name: different (-") for line in words)


def test_an_unknown_record_cannot_be_explained():
    found = matched(company("erp-1", **ALIKE))
    with pytest.raises(UsageError):
        explain(found.standardised.records, found.model, "erp-1", "nobody")
