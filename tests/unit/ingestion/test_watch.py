"""The landing sensor starts one run for new content, retries thrice, and says why it waits."""

import json

import pytest

from dagster_project.ingestion.watch import Look, decide, look
from dagster_project.settings import Settings

NEW = Look({"a" * 64: "erp.customer"}, 5, [])
TWO = Look({"a" * 64: "erp.customer", "b" * 64: "wms.shipment"}, 0, [])


def test_new_batch_starts_a_run_whose_key_names_feed_content_and_attempt():
    decision = decide(NEW, None, is_running=False)
    assert decision.run_key == f"erp.customer:{'a' * 16}:1"
    assert decision.batches == 1


def test_several_new_batches_start_one_run():
    decision = decide(TWO, None, is_running=False)
    assert decision.run_key is not None
    assert decision.run_key.startswith("2 batches:")
    assert decision.batches == 2


def test_same_content_after_a_failed_run_is_tried_again_under_another_key():
    first = decide(NEW, None, is_running=False)
    second = decide(NEW, first.cursor, is_running=False)
    assert second.run_key == f"erp.customer:{'a' * 16}:2"


def test_fourth_attempt_is_refused_with_the_reason():
    cursor = None
    for _ in range(3):
        decision = decide(NEW, cursor, is_running=False)
        assert decision.run_key
        cursor = decision.cursor
    decision = decide(NEW, cursor, is_running=False)
    assert decision.run_key is None
    assert "tried 3 times" in decision.skip_reason


def test_no_second_run_while_one_is_under_way():
    decision = decide(NEW, None, is_running=True)
    assert decision.run_key is None
    assert "1 batches wait" in decision.skip_reason
    assert decide(NEW, decision.cursor, is_running=False).run_key


def test_skip_reason_counts_what_was_seen():
    seen = Look({}, 59, ["erp/customer/b1: manifest.json has not arrived"])
    reason = decide(seen, None, is_running=False).skip_reason
    assert "59 batches taken before" in reason
    assert "1 incomplete" in reason
    assert "erp/customer/b1" in reason


def test_cursor_forgets_batches_that_were_taken():
    cursor = decide(TWO, None, is_running=False).cursor
    assert set(json.loads(decide(NEW, cursor, is_running=False).cursor)) == {"a" * 64}


@pytest.fixture
def home(tmp_path):
    return Settings(home=tmp_path / "home")


def test_batch_without_manifest_is_incomplete_and_a_held_one_is_not_tried_again(home):
    from dagster_project.ingestion import land

    waiting = home.landing_dir / "erp" / "customer" / "b1"
    waiting.mkdir(parents=True)
    (waiting / "customer.csv").write_text("customer_id\n1\n")
    broken = home.landing_dir / "erp" / "customer" / "b2"
    broken.mkdir()
    (broken / "manifest.json").write_text('{"batch_id": "other"}')

    before = look(home)
    assert len(before.ready) == 1
    assert "erp/customer/b1: manifest.json has not arrived" in before.incomplete

    import os

    os.utime(broken / "manifest.json", (1, 1))
    land(home)
    after = look(home)
    assert after.ready == {}
    assert after.taken == 1
