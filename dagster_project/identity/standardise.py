"""Bring records of any source into one comparable form.

``standardise`` folds every declared column by its kind. What cannot be trusted becomes null and
is listed with the reason; nothing is guessed. Folding is SQL on whole columns; identifiers are
judged once per distinct value and country.
"""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.identity import fold
from dagster_project.identity.columns import DETERMINISTIC_IDS, MatchColumns
from dagster_project.identity.identifiers import judge
from dagster_project.identity.reference import country_aliases, rows

JUDGED = (*DETERMINISTIC_IDS, "duns")
SCHEMA_OF_REJECTED = pa.schema(
    [(name, pa.string()) for name in ("record_id", "kind", "value", "reason")]
)


@dataclass(frozen=True)
class Standardised:
    """Records in comparable form, in the order of ``record_id``, and what was not accepted.

    ``records``: ``record_id``, ``source`` (empty if not declared), ``is_active``, ``names_id`` (the
    record that this one names, or null), ``input_hash`` and per declared kind its folded column.
    ``name`` also gives ``name_key`` (its words in order), ``name_number`` (the digits in it) and
    ``legal_form``; ``street`` gives ``house_number`` if that is not
    declared. ``rejected``: ``record_id``, ``kind``, ``value``, ``reason``.
    """

    records: pa.Table
    rejected: pa.Table


def standardise(records: pa.Table, columns: MatchColumns) -> Standardised:
    """Fold the declared columns of ``records``; one row in, one row out.

    Raises:
        UsageError: A declared column is missing, or an id is null or not unique.
    """
    _check_columns(records, columns)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.register("given", records)
        con.execute(f"create table record as {_by_kind(columns)}")
        _check_ids(con, columns)
        _resolve_countries(con)
        judged = [kind for kind in JUDGED if kind in columns.kinds.values()]
        _judge_identifiers(con, judged)
        con.execute(f"create table folded as {_folded(columns)}")
        standard = con.sql("select * from folded order by record_id").to_arrow_table()
        rejected = con.sql(_rejected(judged, columns)).to_arrow_table()
    return Standardised(standard, rejected.cast(SCHEMA_OF_REJECTED))


def input_hashes(records: pa.Table, columns: MatchColumns) -> pa.Table:
    """Return ``record_id`` and ``input_hash`` of the records, without folding anything.

    Raises:
        UsageError: As ``standardise``.
    """
    _check_columns(records, columns)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.register("given", records)
        con.execute(f"create table record as {_by_kind(columns)}")
        _check_ids(con, columns)
        return con.sql("select record_id, input_hash from record").to_arrow_table()


def _check_columns(records: pa.Table, columns: MatchColumns) -> None:
    wanted = [columns.id, columns.source, columns.active, columns.names, *columns.kinds]
    missing = [name for name in wanted if name and name not in records.column_names]
    if missing:
        raise UsageError(
            f"No column {', '.join(missing)} in the records.",
            f"They have {', '.join(records.column_names)}.",
            "Declare the columns that are there.",
        )


def _by_kind(columns: MatchColumns) -> str:
    """Records with one text column per kind, named after it; empty text is null.

    ``input_hash`` is the same as long as no declared column of the record changes.
    """
    source = f'cast("{columns.source}" as varchar)' if columns.source else "''"
    active = f'coalesce("{columns.active}", true)' if columns.active else "true"
    names = f'cast("{columns.names}" as varchar)' if columns.names else "cast(null as varchar)"
    kinds = "".join(
        f""", nullif(trim(cast("{name}" as varchar)), '') as {kind}"""
        for name, kind in columns.kinds.items()
    )
    return f"""
        select *, md5(cast(plain as varchar)) as input_hash
        from (
            select
                cast("{columns.id}" as varchar) as record_id,
                coalesce({source}, '') as source,
                {active} as is_active,
                {names} as names_id{kinds}
            from given
        ) as plain"""


def _check_ids(con: duckdb.DuckDBPyConnection, columns: MatchColumns) -> None:
    wrong = con.execute(
        """select record_id, count(*) from record group by record_id
        having count(*) > 1 or record_id is null order by record_id limit 1"""
    ).fetchall()
    if wrong:
        value, times = wrong[0]
        raise UsageError(
            f"{columns.id} does not identify a record: {value!r} is there {times} times.",
            "A record that is there twice would match itself.",
            "Put the source system in front of the id, or remove the repeated rows.",
        )


def _resolve_countries(con: duckdb.DuckDBPyConnection) -> None:
    """Add ``country_code``, ISO alpha-2, null where the country is unknown or not declared."""
    names = con.sql("select * from record limit 0").columns
    aliases = pa.table(
        {"alias": list(country_aliases()), "country_code": list(country_aliases().values())}
    )
    con.register("alias", aliases)
    country = fold.words("record.country") if "country" in names else "cast(null as varchar)"
    con.execute(f"""
        create table located as
        select record.*, alias.country_code
        from record left join alias on alias.alias = {country}""")


def _judge_identifiers(con: duckdb.DuckDBPyConnection, kinds: list[str]) -> None:
    """Create ``judged_<kind>``: value, country, number or null, reason."""
    for kind in kinds:
        found = con.sql(
            f"""select distinct {kind} as value, country_code from located
            where {kind} is not null order by all"""
        ).to_arrow_table()
        values, countries = found["value"].to_pylist(), found["country_code"].to_pylist()
        verdicts = [judge(kind, *pair) for pair in zip(values, countries, strict=True)]
        numbers = pa.array([number for number, _ in verdicts], pa.string())
        reasons = pa.array([reason for _, reason in verdicts], pa.string())
        judged = found.append_column("number", numbers).append_column("reason", reasons)
        con.register("judged_now", judged)
        con.execute(f"create table judged_{kind} as select * from judged_now")
        con.unregister("judged_now")


def _folded(columns: MatchColumns) -> str:
    kinds = set(columns.kinds.values())
    every = ("record_id", "source", "is_active", "names_id", "input_hash")
    selected = [f"located.{name}" for name in every]
    joins = []
    for kind in sorted(kinds):
        if kind in JUDGED:
            selected.append(f"judged_{kind}.number as {kind}")
            joins.append(_join_judged(kind))
        elif kind == "name":
            selected += _name_columns()
        elif kind == "street":
            selected += _street_columns("house_number" in kinds)
        else:
            selected.append(f"{_FOLDS.get(kind, fold.words)('located.' + kind)} as {kind}")
    if "phone" in kinds:
        joins.append(_join_phone_rule())
    return f"""
        with form as (select {fold.form_map()} as _form_of, {fold.street_map()} as _word_of)
        select {", ".join(selected)}
        from located cross join form {" ".join(joins)}"""


def _name_columns() -> list[str]:
    words = fold.words("located.name")
    bare = fold.without_legal_form(words)
    return [
        f"{bare} as name",
        f"array_to_string(list_sort(string_split({bare}, ' ')), ' ') as name_key",
        rf"regexp_replace({bare}, '\D', '', 'g') as name_number",
        f"{fold.legal_form(words)} as legal_form",
    ]


def _street_columns(has_number: bool) -> list[str]:
    words = fold.words("located.street")
    number = [] if has_number else [f"{fold.house_number(words)} as house_number"]
    return [f"{fold.street(words)} as street", *number]


def _country(value: str) -> str:
    return f"coalesce(located.country_code, {fold.words(value)})"


def _phone(value: str) -> str:
    return fold.phone(value, "located.country_code")


_FOLDS: dict[str, Callable[[str], str]] = {
    "postcode": fold.postcode,
    "email": fold.email,
    "birth_date": fold.date_digits,
    "country": _country,
    "phone": _phone,
}


def _join_judged(kind: str) -> str:
    return f"""left join judged_{kind} on judged_{kind}.value = located.{kind}
        and judged_{kind}.country_code is not distinct from located.country_code"""


def _join_phone_rule() -> str:
    values = ", ".join(
        f"""({fold.quoted(row["country"])}, {fold.quoted(row["calling_code"])},
            {fold.quoted(row["trunk_prefix"])}, {row["min_digits"]}, {row["max_digits"]})"""
        for row in rows("countries")
    )
    return f"""left join (values {values})
        as rule (country, calling_code, trunk_prefix, min_digits, max_digits)
        on rule.country = located.country_code"""


def _rejected(judged: list[str], columns: MatchColumns) -> str:
    """Identifiers that are not valid, and other values that fold to nothing."""
    parts = [
        f"""select record_id, '{kind}' as kind, value, reason
        from located join judged_{kind} as judged on judged.value = located.{kind}
            and judged.country_code is not distinct from located.country_code
        where judged.number is null"""
        for kind in judged
    ]
    parts += [
        f"""select record_id, '{kind}', located.{kind}, '{reason}'
        from located join folded using (record_id)
        where located.{kind} is not null and folded.{kind} is null"""
        for kind, reason in _UNREADABLE.items()
        if kind in columns.kinds.values()
    ]
    nothing = "select '' as record_id, '' as kind, '' as value, '' as reason where false"
    return " union all ".join([nothing, *parts]) + " order by record_id, kind"


_UNREADABLE = {
    "phone": "fewer than six digits, or one digit repeated",
    "email": "no address",
    "birth_date": "not a date of eight digits",
}
