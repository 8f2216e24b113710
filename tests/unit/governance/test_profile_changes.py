"""Every change of customer master data has who, when, old and new; what did not change has none."""

import itertools
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from master_data import deliver, delta, record

from dagster_project.governance.erasure import Erased
from dagster_project.governance.profile_changes import in_time, register_changes
from dagster_project.ingestion import land, load_contracts, register_raw
from dagster_project.settings import Settings

CHANGES = (
    "select entity_kind, entity_id, attribute, old_value, new_value, batch_id, day(changed_at)"
    " from raw.profile_change order by changed_at, entity_kind, entity_id, attribute"
)


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


def customer(customer_id: str, **values: Any) -> dict[str, str]:
    return record("erp", "customer", customer_id=customer_id, **values)


def give(settings: Settings, batch_id: str, day: int, *rows: dict[str, Any], **manifest) -> None:
    deliver(settings.landing_dir, "erp", "customer", batch_id, day, list(rows), **manifest)


def changes(settings: Settings, path: Path | None = None, erased: Erased | None = None) -> list:
    """Land, bring the changes up to date, return them."""
    assert not land(settings).problems
    with duckdb.connect(str(path) if path else ":memory:") as con:
        register_raw(con, settings, load_contracts(), None)
        register_changes(con, settings, load_contracts(), erased)
        return con.execute(CHANGES).fetchall()


def test_planted_changes_are_found_with_who_when_old_and_new(settings):
    give(settings, "B1", 1, customer("C1", name="Old", credit_limit="100"), customer("C2"))
    give(
        settings,
        "B2",
        2,
        customer("C1", name="New", credit_limit="250.5", industry_code="I1"),
        customer("C2"),
    )
    give(settings, "B3", 3, customer("C1", name="New", credit_limit=None), customer("C2"))
    assert changes(settings) == [
        ("customer", "C1", "credit_limit", "100.0000", "250.5000", "B2", 2),
        ("customer", "C1", "industry_code", None, "I1", "B2", 2),
        ("customer", "C1", "name", "Old", "New", "B2", 2),
        ("customer", "C1", "credit_limit", "250.5000", None, "B3", 3),
        ("customer", "C1", "industry_code", "I1", None, "B3", 3),
    ]


@pytest.mark.parametrize(
    "again",
    [
        {"name": "Same", "credit_limit": "100.00"},
        {"name": " Same ", "credit_limit": "1e2"},
        {"name": "Same", "credit_limit": "100", "is_test": "FALSE"},
        {"name": "Same", "credit_limit": "100", "industry_code": "  "},
    ],
)
def test_the_same_value_delivered_again_is_no_change(settings, again):
    first = customer("C1", name="Same", credit_limit="100", is_test="false")
    give(settings, "B1", 1, first)
    give(settings, "B2", 2, customer("C1", **again), customer("C2"))
    assert changes(settings) == []


def test_the_first_sight_of_a_record_is_no_change_and_its_end_and_return_are(settings):
    one, two = customer("C1"), customer("C2")
    give(settings, "B1", 1, one)
    give(settings, "B2", 2, one, two)
    give(settings, "B3", 3, one)
    give(settings, "B4", 4, one, two | {"name": "Other"})
    assert changes(settings) == [
        ("customer", "C2", "record", "present", None, "B3", 3),
        ("customer", "C2", "record", None, "present", "B4", 4),
    ]


def test_deltas_change_only_what_they_hold_and_can_delete(settings):
    give(settings, "B1", 1, customer("C1", name="A"), customer("C2", name="B"))
    give(settings, "D2", 2, customer("C1", name="A2") | {"_op": "U"}, **delta(2))
    give(settings, "D3", 3, customer("C2", name="B") | {"_op": "D"}, **delta(3))
    give(settings, "D4", 4, customer("C2", name="B"), **delta(4))
    assert changes(settings) == [
        ("customer", "C1", "name", "A", "A2", "D2", 2),
        ("customer", "C2", "record", "present", None, "D3", 3),
        ("customer", "C2", "record", None, "present", "D4", 4),
    ]


def test_a_full_extract_after_deltas_takes_what_it_does_not_hold(settings):
    give(settings, "B1", 1, customer("C1"))
    give(settings, "D2", 2, customer("C2"), **delta(2))
    give(settings, "B3", 3, customer("C2", name="y"))
    assert changes(settings) == [
        ("customer", "C1", "record", "present", None, "B3", 3),
        ("customer", "C2", "name", "x", "y", "B3", 3),
    ]


def test_a_record_twice_in_a_batch_counts_with_its_last_row(settings):
    give(settings, "B1", 1, customer("C1", name="A"))
    give(settings, "D2", 2, customer("C1", name="B"), customer("C1", name="A"), **delta(2))
    assert changes(settings) == []


def test_accounts_are_watched_too(settings):
    for day, tier in ((1, "gold"), (2, "silver")):
        row = record("crm", "account", account_id="A1", tier_crm=tier)
        deliver(settings.landing_dir, "crm", "account", f"A{day}", day, [row])
    assert changes(settings) == [("account", "A1", "tier_crm", "gold", "silver", "A2", 2)]


def test_two_sources_with_the_same_key_do_not_look_like_changes(settings):
    for day in (1, 2, 3, 4):
        source = {"source_system": f"erp-{day % 2}"}
        give(settings, f"B{day}", day, customer("C1", name=f"N{day % 2}"), **source)
    assert changes(settings) == []


def test_a_correction_takes_the_place_of_what_it_corrects(settings, tmp_path):
    work = tmp_path / "work.duckdb"
    give(settings, "B1", 1, customer("C1", name="A"))
    give(settings, "B2", 2, customer("C1", name="Typo"))
    give(settings, "B3", 3, customer("C1", name="B"))
    assert [row[3:5] for row in changes(settings, work)] == [("A", "Typo"), ("Typo", "B")]
    give(settings, "B2b", 4, customer("C1", name="B"), supersedes_batch_id="B2")
    assert [row[3:6] for row in changes(settings, work)] == [("A", "B", "B2b")]


def _history(settings: Settings) -> list[tuple]:
    """Batches of every sort; as arguments of ``give``."""
    return [
        ("B1", 1, customer("C1", name="A"), customer("C2", name="A")),
        ("D2", 2, customer("C1", name="B")),
        ("B3", 3, customer("C1", name="C"), customer("C3", name="A")),
        ("D4", 4, customer("C3", name="B"), customer("C2", name="B")),
        ("B5", 5, customer("C1", name="C"), customer("C2", name="C")),
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
def test_the_order_of_arrival_and_the_rhythm_of_builds_change_nothing(tmp_path, order):
    at_once = Settings(home=tmp_path / "once")
    one_by_one = Settings(home=tmp_path / "each")
    history = _history(at_once)
    for batch_id, day, *rows in history:
        give(at_once, batch_id, day, *rows, **(delta(day) if batch_id[0] == "D" else {}))
    wanted = changes(at_once)
    assert len(wanted) == 7
    for place in order:
        batch_id, day, *rows = history[place]
        give(one_by_one, batch_id, day, *rows, **(delta(day) if batch_id[0] == "D" else {}))
        found = changes(one_by_one, tmp_path / "work.duckdb")
    assert found == wanted


def test_an_update_reads_only_the_new_batch(settings, tmp_path):
    work = tmp_path / "work.duckdb"
    give(settings, "B1", 1, customer("C1", name="A"))
    give(settings, "B2", 2, customer("C1", name="B"))
    assert len(changes(settings, work)) == 1
    for batch in ("B1", "B2"):
        for path in (settings.raw_dir / "erp" / "customer" / batch).glob("*.parquet"):
            path.write_bytes(b"not read again")
    give(settings, "B3", 3, customer("C1", name="C"))
    land(settings)
    with duckdb.connect(str(work)) as con:
        con.execute(
            "insert into raw.batch by name select * replace ('B3' as batch_id,"
            " 'erp/customer/B3' as batch_key, timestamp '2025-01-03 04:00' as extracted_at,"
            " timestamp '2025-01-03 04:00' as known_at) from raw.batch where batch_id = 'B2'"
        )
        assert register_changes(con, settings, load_contracts()) == 1
        assert con.execute(CHANGES).fetchall()[-1][3:6] == ("B", "C", "B3")


def test_a_column_that_came_later_is_no_change_of_every_record(settings):
    import pyarrow.parquet as pq

    give(settings, "B1", 1, customer("C1", industry_code="I1", size_band="S"))
    give(settings, "B2", 2, customer("C1", industry_code="I1", size_band="M"))
    land(settings)
    (path,) = (settings.raw_dir / "erp" / "customer" / "B1").glob("*.parquet")
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["industry_code"]), path)
    assert [row[2] for row in changes(settings)] == ["size_band"]


def test_an_empty_full_extract_ends_every_record(settings):
    give(settings, "B1", 1, customer("C1"))
    give(settings, "B2", 2)
    assert [row[2:6] for row in changes(settings)] == [("record", "present", None, "B2")]


def test_changes_of_an_erased_person_show_nothing_that_names_it(settings):
    give(settings, "B1", 1, customer("C1", name="Anna Old", size_band="S"))
    give(settings, "B2", 2, customer("C1", name="Anna New", size_band="M"))
    found = changes(settings, erased=Erased(frozenset({"C1"})))
    assert [row[2:5] for row in found] == [("size_band", "S", "M")]


def test_batches_stand_in_the_order_in_which_staging_lets_them_count():
    def day(number: int) -> datetime:
        return datetime(2025, 1, number)

    rows = [
        ("k3", "D3", "DELTA", day(3), day(3)),
        ("k2", "F2", "FULL", day(2), day(2)),
        ("kc", "D1b", "DELTA", day(3), day(9)),
        ("kf", "F1b", "FULL", day(1), day(8)),
        ("k0", "D0", "DELTA", day(1), day(1)),
    ]
    order = [one.batch_id for one in in_time(rows)]
    assert order == ["F1b", "D0", "F2", "D3", "D1b"]
    assert [one.batch_id for one in in_time(rows[::-1])] == order


@pytest.mark.slow
@pytest.mark.further
def test_a_planted_change_is_in_the_mart_after_an_update(tmp_path):
    import csv

    from dagster_project.simulator import simulate
    from dagster_project.warehouse.build import build

    simulate("XS", 1, tmp_path / "extracts")
    home = Settings(home=tmp_path / "home")
    land(home, tmp_path / "extracts" / "landing")
    assert build(home).ok
    (first,) = (tmp_path / "extracts" / "landing" / "erp" / "customer").glob("*/*.csv*")
    with first.open(newline="", encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    changed = row | {"industry_code": "PLANTED", "size_band": ""}
    day = {"window_from": "2026-01-01T00:00:00Z", "window_to": "2026-01-02T00:00:00Z"}
    manifest = {"mode": "DELTA", "extracted_at": "2026-01-02T04:00:00Z"} | day
    deliver(home.landing_dir, "erp", "customer", "planted", 1, [changed], **manifest)
    land(home)
    updated = build(home)
    assert updated.ok
    assert not updated.full
    with duckdb.connect(str(home.warehouse_path), read_only=True) as con:
        found = con.execute(
            "select entity_id, attribute, old_value, new_value, source, actor, request_id,"
            " cast(changed_at as varchar) from marts.mart_governance__profile_change order by 2"
        ).fetchall()
    who = ("batch", "erp-prod", "planted", "2026-01-02 04:00:00")
    assert found == [
        (row["customer_id"], "industry_code", row["industry_code"], "PLANTED", *who),
        (row["customer_id"], "size_band", row["size_band"], None, *who),
    ]
