"""Which pairs are worth comparing: those that share the key of at least one rule.

Rules are derived from the columns at hand. A key that more than ``max_block`` records share says
nothing about who they are; it is left out and counted, so that cost grows with the records and not
with their square. Everything that is left out is in the account that ``candidates`` returns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from dagster_project.identity.columns import DETERMINISTIC_IDS


@dataclass(frozen=True)
class Rule:
    """Records with the same ``key`` (SQL) are candidates; ``needs`` are the columns in it."""

    name: str
    needs: tuple[str, ...]
    key: str


def _rule(name: str, key: str, *needs: str) -> Rule:
    return Rule(name, needs, key)


_VOWELS = r"regexp_replace(name, '(a|o|u)e', '\1', 'g')"
"""``mueller`` and ``muller`` are one key."""

_LAST_WORD = "case when contains(name, ' ') then string_split(name, ' ')[-1] end"

RULES = (
    *(_rule(kind, kind, kind) for kind in (*DETERMINISTIC_IDS, "duns", "identifier")),
    _rule("email", "email", "email"),
    _rule("phone", "right(phone, 8)", "phone"),
    _rule("name", "name_key", "name"),
    _rule("name start, postcode", f"left({_VOWELS}, 4) || '|' || postcode", "name", "postcode"),
    _rule("name start, city", f"left({_VOWELS}, 5) || '|' || city", "name", "city"),
    _rule("first word, street", "split_part(name, ' ', 1) || '|' || street", "name", "street"),
    _rule("last word, postcode", f"{_LAST_WORD} || '|' || postcode", "name", "postcode"),
    _rule("number, postcode", "house_number || '|' || postcode", "house_number", "postcode"),
    _rule("long name start", f"case when length(name) >= 8 then left({_VOWELS}, 8) end", "name"),
    _rule(
        "both names",
        "least(given_name, surname) || '|' || greatest(given_name, surname)",
        "given_name",
        "surname",
    ),
    _rule("surname, birth date", "surname || '|' || birth_date", "surname", "birth_date"),
    _rule("given name, birth date", "given_name || '|' || birth_date", "given_name", "birth_date"),
    _rule("birth date", "birth_date", "birth_date"),
    _rule("surname, postcode", "surname || '|' || postcode", "surname", "postcode"),
    _rule("given name, postcode", "given_name || '|' || postcode", "given_name", "postcode"),
    _rule("given name, city", "given_name || '|' || city", "given_name", "city"),
    _rule("surname, city", "surname || '|' || city", "surname", "city"),
    _rule("given name, street", "given_name || '|' || street", "given_name", "street"),
    _rule("surname, street", "surname || '|' || street", "surname", "street"),
    _rule(
        "street, postcode",
        "street || '|' || coalesce(house_number, '') || '|' || postcode",
        "street",
        "house_number",
        "postcode",
    ),
    _rule("street, number", "street || '|' || house_number", "street", "house_number"),
    _rule("email box", "split_part(email, '@', 1)", "email"),
)

ACCOUNT = pa.schema(
    [
        ("rule", pa.string()),
        ("keys", pa.int64()),
        ("pairs", pa.int64()),
        ("skipped_keys", pa.int64()),
        ("skipped_records", pa.int64()),
        ("skipped_pairs", pa.int64()),
    ]
)


def rules_for(names: Sequence[str]) -> list[Rule]:
    """Return the rules whose columns are all at hand."""
    return [rule for rule in RULES if set(rule.needs) <= set(names)]


def candidates(
    con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], max_block: int, new_only: bool = False
) -> pa.Table:
    """Create table ``candidate`` and return how many pairs each rule gives and leaves out.

    Reads table ``record``: columns of the rules, ``record_id``, ``place`` (its place in the order
    of ids) and ``is_new``. ``candidate``: ``left_place`` < ``right_place``, ``rule`` (the first of
    the rules that gave the pair).

    Args:
        con: Connection with table ``record``.
        rules: Rules to apply.
        max_block: Keys shared by more records are left out.
        new_only: Only pairs with a new record in them. The account is that of all pairs.
    """
    account = []
    con.execute("create table found (left_place integer, right_place integer, rule utinyint)")
    for number, rule in enumerate(rules):
        _create_blocks(con, rule)
        account.append((rule.name, *con.execute(_COUNTS, {"most": max_block}).fetchall()[0]))
        _create_blocked(con, max_block, new_only)
        con.execute(_PAIRS.format(number=number, new=_NEW if new_only else ""))
    con.execute(
        """create table candidate as
        select left_place, right_place, min(rule) as rule from found
        group by left_place, right_place"""
    )
    con.execute("drop table found")
    columns = zip(*account, strict=True) if account else [[] for _ in ACCOUNT]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, ACCOUNT, strict=True)]
    return pa.Table.from_arrays(arrays, schema=ACCOUNT)


def mark_moved_blocks(
    con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], max_block: int, before: str
) -> None:
    """Mark in ``record`` as new whoever shares a key that became, or ceased to be, too common.

    Args:
        con: Connection with table ``record`` as it is now, new records marked in ``is_new``.
        rules: Rules in force.
        max_block: Keys shared by more records are left out.
        before: Table with the same columns as it was.
    """
    for rule in rules:
        con.execute(
            f"""
            update record set is_new = true
            where not is_new and {rule.key} in (
                select key
                from (
                    select {rule.key} as key, 1 as is_now from record
                    union all select {rule.key}, 0 from {before}
                )
                where key is not null
                group by key
                having (sum(is_now) > $most) <> (sum(1 - is_now) > $most)
            )""",
            {"most": max_block},
        )


def _create_blocks(con: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """``keyed``: records with their key. ``block``: keys that several records share."""
    con.execute(f"""
        create or replace temporary table keyed as
        select place, is_new, {rule.key} as key from record where {rule.key} is not null""")
    con.execute("""
        create or replace temporary table block as
        select key, count(*) as records, bool_or(is_new) as has_new from keyed
        group by key having count(*) > 1""")


def _create_blocked(con: duckdb.DuckDBPyConnection, max_block: int, new_only: bool) -> None:
    """``blocked``: the records of the blocks that are not too big."""
    con.execute(f"""
        create or replace temporary table blocked as
        select keyed.* from keyed
        join block on block.key = keyed.key and block.records <= {int(max_block)}
            {"and block.has_new" if new_only else ""}""")


_COUNTS = """
    select
        count(*) filter (records <= $most),
        cast(coalesce(
            sum(records * (records - 1) // 2) filter (records <= $most), 0) as bigint),
        count(*) filter (records > $most),
        cast(coalesce(sum(records) filter (records > $most), 0) as bigint),
        cast(coalesce(
            sum(records * (records - 1) // 2) filter (records > $most), 0) as bigint)
    from block"""

_PAIRS = """
    insert into found
    select one.place, other.place, {number}
    from blocked as one join blocked as other
        on one.key = other.key and one.place < other.place {new}"""
_NEW = "and (one.is_new or other.is_new)"
