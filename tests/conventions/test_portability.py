"""Every model is written so that it can move: to Spark today, to a cloud warehouse one day."""

import pytest
from portability import (
    NATIVE,
    PAGE,
    PLAIN,
    avoided,
    compiled,
    construct_error,
    documented,
    findings,
    findings_of,
    page,
    words,
)
from project_files import models

PATH = "dbt/models/marts/new_model.sql"


def _found(sql: str) -> set[tuple[str, str, str]]:
    return {tuple(finding) for finding in findings_of(sql, sql, PATH)}


def test_every_model_is_examined():
    assert set(compiled()) == set(models())


def test_no_model_says_what_another_engine_lacks_without_being_listed():
    new = sorted(findings() - documented())
    assert not new, "\n".join(map(str, new))


def test_the_list_names_nothing_that_has_been_cured():
    assert documented() <= findings(), "run: make docs"


def test_page_is_what_the_scan_writes():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def test_spark_lacks_nothing():
    assert [str(f) for f in findings() if f.dialect == "spark"] == []


def test_no_model_uses_a_construct_that_only_duckdb_has():
    assert {name: avoided(sql) for name, sql in compiled().items() if avoided(sql)} == {}


def test_unportable_function_is_reported_with_file_dialect_and_cure():
    found = findings_of(
        "select epoch_us(ordered_at) as x from t", "select epoch_us(ordered_at)", PATH
    )
    assert {f.dialect for f in found if f.place == PATH} == set(NATIVE)
    assert f"{PATH}: Spark lacks `epoch_us`; write a macro in dbt/macros/portable.sql" in map(
        str, found
    )


def test_same_function_from_a_macro_with_a_spark_version_is_not_reported_for_spark():
    sql = "select epoch_us(ordered_at) as x from t"
    found = findings_of(sql, "select {{ tierline.minutes_between('a', 'b') }}", PATH)
    assert {(f.dialect, f.place) for f in found} == {
        ("snowflake", "macro minutes_between"),
        ("bigquery", "macro minutes_between"),
    }


def test_unportable_type_is_reported():
    assert ("spark", "hugeint", PATH) in _found("select cast(a as hugeint) as b from t")


def test_construct_that_a_dialect_cannot_parse_is_reported():
    assert construct_error("select 1 as a union select 2 as a", "bigquery")
    assert construct_error("select 1 as a union all select 2 as a", "bigquery") is None


def test_portable_query_gives_no_finding():
    sql = "select coalesce(a, 'isodow(x)') as b, sum(c) over (partition by d) as e from t -- f(x)"
    assert _found(sql) == set()


def test_functions_and_types_are_told_from_grammar():
    sql = "select cast(count(*) as bigint) as date, x in (1) from t where not (a and (b or c))"
    assert words(sql) == {"cast", "count", "bigint"}
    assert words(sql) <= PLAIN


@pytest.mark.parametrize(
    "sql",
    [
        "select * from a asof join b using (k, at)",
        "select * exclude (a) from t",
        "select a from t union all by name select a from u",
        "select distinct on (a) a, b from t",
        "select max(columns('a.*')) from t",
        "select [1, 2] as a",
        "select {'a': 1} as a",
        "select a -> 'b' from t",
        "select a ->> 'b' from t",
        "select 7 // 2 as a",
    ],
)
def test_construct_of_duckdb_alone_is_reported(sql):
    assert avoided(sql)


def test_text_that_looks_like_a_construct_is_not_reported():
    assert avoided("select '[' as a, '->' as b, 'exclude' as c from t -- // {") == []
