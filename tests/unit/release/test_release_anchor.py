"""Each release keeps the head of the decisions that it was built from, and an audit compares it."""

import pytest
from release_home import write_description

from dagster_project.governance import DecisionStore, Entry
from dagster_project.governance.audit.chain import chain_fault, read_rows, release_anchors
from dagster_project.release import gate, publish

VERDICT = {"left_id": "a", "right_id": "b", "verdict": "same"}


@pytest.fixture
def published(built, suites):
    """A home with three decisions, of which its release has seen two."""
    store = DecisionStore(built.decisions_url)
    entry = Entry("identity_verdict", "a|b", "anna", "sales", "one contract", VERDICT)
    seen = [store.append(entry) for _ in range(2)][-1]
    head = {"seq": seen.seq, "hash": seen.hash}
    write_description(built, "b1", "2025-12-31", decisions=head)
    assert gate(built, suites_dir=suites).passed
    publish(built)
    store.append(entry)
    return built


def fault(settings):
    rows, _ = read_rows(settings.decisions_url)
    return chain_fault(rows, release_anchors(settings.releases_dir))


def test_the_head_of_the_chain_is_in_the_manifest_of_the_release(published):
    (anchor,) = release_anchors(published.releases_dir)
    assert anchor.head.seq == 2
    assert anchor.head.hash == DecisionStore(published.decisions_url).read()[1].hash
    assert fault(published) is None


def test_decisions_that_a_release_has_seen_cannot_be_cut_off(published):
    import sqlite3

    with sqlite3.connect(published.home / "decisions.db") as con:
        con.execute("drop trigger decision_no_delete")
        con.execute("delete from decision where seq >= 2")
    assert fault(published).seq == 2
