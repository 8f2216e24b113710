"""A table's digest depends on its rows and columns and on nothing else."""

import duckdb
import pytest

from dagster_project.release.digest import schema_digests, table_digest

TABLE = """
    create table t as
    select i as id, 'Ü' || i as name, cast(i * 1.37 as decimal(18, 4)) as amount,
        cast(i as decimal(38, 6)) as total, date '2024-01-01' + cast(i % 700 as int) as day,
        timestamp '2024-01-01' + to_seconds(i) as at,
        case i % 5 when 0 then cast('nan' as double) when 1 then -0.0 else i / 7.0 end as ratio,
        case when i % 3 = 0 then null else '' end as note, i % 2 = 0 as flag
    from range(1000) as r(i)
"""


@pytest.fixture
def con():
    connection = duckdb.connect()
    connection.execute(TABLE)
    yield connection
    connection.close()


def test_digest_is_the_same_in_every_version_of_duckdb(con):
    # Also measured on 1.3.2 and 1.5.6; a change here makes all older manifests incomparable.
    found = table_digest(con, "t")
    assert found.rows == 1000
    assert found.sha256 == "06896a17c5892ba8f537dc1d3f68be46c6bb6e349b86972e7be637a88979aec1"


def test_physical_order_does_not_matter(con):
    con.execute("create table u as select * from t order by md5(cast(id as varchar))")
    assert table_digest(con, "u") == table_digest(con, "t")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("delete from t where id = 7", id="row missing"),
        pytest.param("insert into t select * from t where id = 7", id="row twice"),
        pytest.param("update t set amount = amount + 0.0001 where id = 7", id="one unit of money"),
        pytest.param("update t set note = null where id = 7", id="empty text became null"),
        pytest.param("update t set ratio = nextafter(ratio, 9.0) where id = 7", id="last bit"),
        pytest.param(
            "update t set name = case id when 7 then 'Ü8' else 'Ü7' end where id in (7, 8)",
            id="values swapped between rows",
        ),
        pytest.param("alter table t rename note to remark", id="column renamed"),
        pytest.param("alter table t alter amount type decimal(18, 5)", id="type changed"),
        pytest.param("insert into t select * from t where id in (1, 1, 2)", id="pair added"),
    ],
)
def test_every_change_changes_the_digest(con, change):
    before = table_digest(con, "t")
    con.execute(change)
    assert table_digest(con, "t").sha256 != before.sha256


def test_empty_table_has_a_digest(con):
    con.execute("delete from t")
    assert table_digest(con, "t").rows == 0


def test_views_are_not_content_and_names_may_need_quotes(con):
    con.execute('create schema marts; create table marts."Odd ""Name" as select 1 as "a b"')
    con.execute("create view marts.v as select 1 as one")
    assert list(schema_digests(con, "marts")) == ['Odd "Name']
