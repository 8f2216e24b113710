"""What a build digested in passing counts only while the work file is as it left it."""

import duckdb
import pytest

from dagster_project.release import EarlyDigests, gate
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
