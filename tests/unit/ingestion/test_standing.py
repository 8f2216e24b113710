"""Which batches count does not depend on the order in which they arrive."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.ingestion.ledger import LedgerRow, from_json, to_json
from dagster_project.ingestion.standing import BatchFact, standings

DAYS = st.integers(1, 9).map(lambda day: datetime(2025, 1, day))
IDS = [f"B{number}" for number in range(8)]


@st.composite
def batch_sets(draw):
    facts = []
    for batch_id in IDS[: draw(st.integers(1, len(IDS)))]:
        older = draw(st.none() | st.sampled_from([other for other in IDS if other != batch_id]))
        facts.append(
            BatchFact(
                batch_id=batch_id,
                source_system=draw(st.sampled_from(["a", "b"])),
                mode=draw(st.sampled_from(["FULL", "DELTA"])),
                window_from=datetime(2025, 1, 1),
                window_to=draw(DAYS),
                extracted_at=draw(DAYS),
                supersedes=older,
                fingerprint=draw(st.sampled_from(["x", "y", "z"])),
                is_good=draw(st.booleans()),
            )
        )
    return facts


@given(batch_sets(), st.randoms())
@settings(max_examples=300)
def test_order_of_arrival_does_not_matter(facts, random):
    shuffled = facts.copy()
    random.shuffle(shuffled)
    assert standings(shuffled) == standings(facts)


@given(batch_sets())
def test_each_source_has_at_most_one_active_full_and_no_bad_batch_is_active(facts):
    found = standings(facts)
    active = [fact for fact in facts if found[fact.batch_id].is_active]
    fulls = [fact.source_system for fact in active if fact.mode == "FULL"]
    assert len(fulls) == len(set(fulls))
    assert all(fact.is_good for fact in active)


FACT = BatchFact("B1", "a", "DELTA", None, None, datetime(2025, 1, 1), None, "x")


def _fact(batch_id: str, day: int, **changes) -> BatchFact:
    moment = datetime(2025, 1, day)
    changes = {"fingerprint": batch_id} | changes
    return replace(FACT, batch_id=batch_id, extracted_at=moment, **changes)


def _active(*facts: BatchFact) -> set[str]:
    return {batch_id for batch_id, standing in standings(facts).items() if standing.is_active}


def test_chain_of_corrections_leaves_the_last_one():
    chain = (_fact("B1", 1), _fact("B2", 2, supersedes="B1"), _fact("B3", 3, supersedes="B2"))
    assert _active(*chain) == {"B3"}
    assert standings(chain)["B3"].known_at == datetime(2025, 1, 1)


def test_correction_with_the_first_content_is_no_duplicate():
    first = _fact("B1", 1, fingerprint="x")
    wrong = _fact("B2", 2, fingerprint="y", supersedes="B1")
    back = _fact("B3", 3, fingerprint="x", supersedes="B2")
    assert _active(first, wrong, back) == {"B3"}


def test_held_correction_does_not_replace_the_older_batch():
    assert _active(_fact("B1", 1), _fact("B2", 2, supersedes="B1", is_good=False)) == {"B1"}


def test_two_batches_that_supersede_each_other_leave_the_newer():
    assert _active(_fact("B1", 1, supersedes="B2"), _fact("B2", 2, supersedes="B1")) == {"B2"}


def test_full_replaces_what_was_extracted_before_it_and_nothing_later():
    facts = (_fact("D1", 1), _fact("F", 2, mode="FULL"), _fact("D3", 3))
    assert _active(*facts) == {"F", "D3"}


def test_correction_of_a_full_does_not_replace_deltas_that_came_after_the_first():
    facts = (
        _fact("F", 1, mode="FULL"),
        _fact("D", 2),
        _fact("F2", 3, mode="FULL", supersedes="F"),
    )
    assert _active(*facts) == {"F2", "D"}


def test_ledger_row_survives_its_file_form():
    row = LedgerRow(
        "erp", "fx_rate", "B1", extracted_at=datetime(2025, 1, 1), known_at=datetime(2025, 1, 1)
    )
    assert from_json(to_json(row)) == row
