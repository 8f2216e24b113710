"""The generic dbt test `sound` finds each fault it is for, and names it."""

from types import SimpleNamespace

import duckdb
import jinja2
import pytest

from dagster_project.settings import DBT_DIR

SOUND = {
    "grain": ["id", "line_no"],
    "also_unique": ["code"],
    "not_null": ["code"],
    "accepted": {"status": ["OPEN", "CLOSED"]},
    "references": {"columns": ["segment"], "to": "known_segment", "field": "segment"},
}


def faults(change: str = "select 1") -> list[str]:
    """What the test returns for a sound table after one change."""
    con = duckdb.connect()
    con.execute(
        "create table known_segment as select * from (values ('S1'), ('S2')) as v(segment);"
        " create table t as select * from (values (1, 1, 'a', 'OPEN', 'S1'),"
        " (1, 2, 'b', 'CLOSED', 'S2'), (2, null, 'c', null, null))"
        " as v(id, line_no, code, status, segment)"
    )
    con.execute(change)
    text = (DBT_DIR / "tests" / "generic" / "sound.sql").read_text(encoding="utf-8")
    text = text.replace("{% test sound", "{% macro sound").replace("{% endtest", "{% endmacro")
    jinja = jinja2.Environment(extensions=["jinja2.ext.do"])
    module = jinja.from_string(text).make_module(
        {"tierline": SimpleNamespace(where_touched=lambda _: "")}
    )
    return [row[0] for row in con.execute(module.sound("t", **SOUND)).fetchall()]


def test_sound_table_has_no_fault():
    assert faults() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(
            "insert into t values (1, 2, 'd', 'OPEN', 'S1')",
            "more than one row per id, line_no",
            id="grain",
        ),
        pytest.param(
            "insert into t values (2, null, 'd', 'OPEN', 'S1')",
            "more than one row per id, line_no",
            id="null is a value of the grain",
        ),
        pytest.param(
            "update t set code = 'a' where id = 2", "more than one row per code", id="second key"
        ),
        pytest.param("update t set code = null where id = 2", "code is null", id="null"),
        pytest.param(
            "update t set status = 'open' where id = 2", "status is none of its values", id="value"
        ),
        pytest.param(
            "update t set segment = 'S3' where id = 2", "segment is unknown", id="reference"
        ),
    ],
)
def test_each_fault_is_found_and_named(change, fault):
    assert faults(change) == [fault]
