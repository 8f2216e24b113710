"""What a build digested in passing counts only while the work file is as it left it."""

import duckdb
import pytest

from dagster_project.release import EarlyDigests, gate, partitions
from dagster_project.release.digest import schema_digests
from dagster_project.release.work_file import stamp


@pytest.fixture
def early(built):
    """Digests of a build that told of one table only."""
    digests = EarlyDigests()
    with duckdb.connect(str(built.warehouse_path)) as con, digests.beside(con):
        digests.written("fct_order_line")
    digests.seal(built)
    return digests


def test_they_are_those_of_the_finished_file_with_the_tables_nobody_told_of(built, early):
    with duckdb.connect(str(built.warehouse_path), read_only=True) as con:
        expected = schema_digests(con, "marts")
    assert early.of(stamp(built)) == expected
    assert len(expected) > 1


def test_a_receipt_with_them_is_the_same(built, suites, early):
    plain = gate(built, suites_dir=suites)
    before = (built.home / "receipts").glob("*.json")
    [receipt] = [path.read_text() for path in before]
    assert gate(built, suites_dir=suites, early=early).results == plain.results
    [again] = [path.read_text() for path in (built.home / "receipts").glob("*.json")]
    assert '"tables"' in again
    assert again.split('"tables"')[1] == receipt.split('"tables"')[1]


def test_a_file_that_was_written_since_is_digested_anew(built, suites, early, tamper):
    tamper("update marts.fct_order_line set net_amount = net_amount + 1")
    assert early.of(stamp(built)) is None


def test_a_table_that_could_not_be_read_leaves_all_to_the_gate(built):
    digests = EarlyDigests()
    with duckdb.connect(str(built.warehouse_path)) as con, digests.beside(con):
        digests.written("no_such_table")
    digests.seal(built)
    assert digests.of(stamp(built)) is None


def test_without_an_update_nothing_is_known(built):
    digests = EarlyDigests()
    digests.written("fct_order_line")
    digests.seal(built)
    assert digests.of(stamp(built)) is None


@pytest.fixture
def judged(built, suites, monkeypatch):
    """A home whose large table is judged month by month, and which an update is about to change."""
    monkeypatch.setattr(partitions, "MIN_ROWS", 1)
    with duckdb.connect(str(built.warehouse_path)) as con:
        con.execute("create schema if not exists state")
        con.execute("create table state.updated_month (table_name varchar, month varchar)")
        con.execute("alter table marts.fct_order_line add column if not exists ordered_date date")
        con.execute("update marts.fct_order_line set ordered_date = date '2025-01-05'")
        con.execute(
            "insert into marts.fct_order_line by name select * replace (date '2025-02-01' as"
            " ordered_date) from marts.fct_order_line"
        )
    gate(built, suites_dir=suites)
    return built


def _updated(home, change, months):
    """Digests after an update that says which months it changed, and those of the whole tables."""
    digests = EarlyDigests()
    digests.recall(home)
    with duckdb.connect(str(home.warehouse_path)) as con:
        con.execute(change)
        for month in months:
            con.execute("insert into state.updated_month values ('fct_order_line', ?)", [month])
        with digests.beside(con):
            digests.written("fct_order_line")
        expected = schema_digests(con, "marts")
    digests.seal(home)
    return digests.of(stamp(home)), expected


FEBRUARY = (
    "update marts.fct_order_line set net_amount = net_amount + 1 where ordered_date = '2025-02-01'"
)
JANUARY = FEBRUARY.replace("2025-02-01", "2025-01-05")


def test_months_that_changed_and_sums_of_the_others_make_the_digest(judged):
    found, expected = _updated(judged, FEBRUARY, ["2025-02-01"])
    assert found == expected
    assert set(found["fct_order_line"].partitions) == {"2025-01", "2025-02"}


def test_a_month_that_is_empty_now_is_gone(judged):
    delete = "delete from marts.fct_order_line where ordered_date = '2025-02-01'"
    found, expected = _updated(judged, delete, ["2025-02-01"])
    assert found == expected
    assert set(found["fct_order_line"].partitions) == {"2025-01"}


def test_only_those_months_are_read(judged):
    found, expected = _updated(judged, JANUARY, ["2025-02-01"])
    assert found["fct_order_line"] != expected["fct_order_line"]


def test_rows_that_do_not_add_up_are_all_read(judged):
    delete = "delete from marts.fct_order_line where ordered_date = '2025-01-05'"
    found, expected = _updated(judged, delete, ["2025-02-01"])
    assert found == expected


def test_a_table_that_says_no_months_is_read_as_a_whole(judged):
    found, expected = _updated(judged, JANUARY, [])
    assert found == expected


def test_a_file_that_was_written_since_it_was_judged_is_read_as_a_whole(judged, tamper):
    tamper(JANUARY)
    found, expected = _updated(judged, FEBRUARY, ["2025-02-01"])
    assert found == expected
