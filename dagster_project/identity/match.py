"""Find the records that are one customer.

``match`` does it for all records, ``rematch`` does it again after some have changed, with the same
result and at the cost of the changes. Identifiers decide first, then a Fellegi-Sunter model, then
people: their verdicts stand above the model in both directions. Two different valid tax numbers or
LEIs are above everything.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.identity import blocking
from dagster_project.identity.columns import MatchColumns
from dagster_project.identity.conclude import conclude
from dagster_project.identity.decide import PAIRS
from dagster_project.identity.model import Model, train
from dagster_project.identity.results import VERDICTS, Matches, Policy
from dagster_project.identity.scored import create_pairs, create_scored
from dagster_project.identity.standardise import (
    SCHEMA_OF_REJECTED,
    Standardised,
    input_hashes,
    standardise,
)


@dataclass(frozen=True)
class Known:
    """What the last match left: standardised ``records`` and ``pairs`` (``PAIRS``)."""

    records: pa.Table
    pairs: pa.Table


def match(
    records: pa.Table,
    columns: MatchColumns,
    verdicts: pa.Table | None = None,
    policy: Policy | None = None,
    trained: Model | None = None,
    by_frequency: bool = True,
) -> Matches:
    """Match all records with each other.

    Args:
        records: One row per record, columns as declared.
        columns: Which column is of which kind.
        verdicts: As ``VERDICTS``; the last one on a pair counts.
        policy: Thresholds and permissions.
        trained: A model to use instead of learning one.
        by_frequency: Learn how common values are, too.

    Returns:
        Pairs from the review threshold on and those that an identifier or a person links, and a
        cluster for every record. The order of the rows of ``records`` does not matter.

    Raises:
        UsageError: Wrong declaration, ids that are not unique, a verdict that is neither.
    """
    policy = policy or Policy()
    standard = standardise(records, columns)
    with _connect() as con:
        _load(con, standard.records)
        _load_verdicts(con, verdicts)
        rules = _rules(con)
        account = blocking.candidates(con, rules, policy.max_block)
        create_pairs(con, new_only=False)
        learnt = trained or train(con, by_frequency)
        learnt = create_scored(con, learnt, fit_prior=trained is None and learnt.is_learnt)
        pairs, clusters = conclude(con, learnt, policy, PAIRS.empty_table())
    return Matches(pairs, clusters, learnt, standard, account, len(standard.records))


def rematch(
    known: Known,
    records: pa.Table,
    columns: MatchColumns,
    trained: Model,
    verdicts: pa.Table | None = None,
    policy: Policy | None = None,
) -> Matches | None:
    """Match again after records came, changed or went; the result is that of ``match``.

    Only pairs with a changed record are compared anew. Records whose block became, or ceased to
    be, too common count as changed, and so do those on which a person said something else.

    Args:
        known: What the last match left, with the same columns, model and policy.
        records: All records as they are now.
        columns: The declaration of the last match.
        trained: The model of the last match.
        verdicts: As for ``match``.
        policy: The policy of the last match.

    Returns:
        As ``match`` with the same model; None if nothing has changed. ``standardised.rejected`` has
        the changed records only.

    Raises:
        UsageError: As ``match``.
    """
    policy = policy or Policy()
    with _connect() as con:
        con.register("known_record", known.records)
        con.register("known_pair", known.pairs)
        con.register("hash_now", input_hashes(records, columns))
        changed, gone = con.execute(_CHANGED).fetchall()[0]
        _load_told(con, verdicts)
        con.execute(_MOVED_VERDICTS)
        moved = con.execute("select count(*) from moved_verdict").fetchall()[0][0]
        if not (changed or gone or moved):
            return None
        new = standardise(_changed_rows(con, records, columns), columns) if changed else None
        _load(con, _as_now(con, new.records if new else None), "select record_id from changed")
        _load_verdicts(con, verdicts)
        con.execute("""
            update record set is_new = true
            where record_id in (
                select left_id from moved_verdict union all select right_id from moved_verdict)""")
        rules = _rules(con)
        blocking.mark_moved_blocks(con, rules, policy.max_block, "known_record")
        account = blocking.candidates(con, rules, policy.max_block, new_only=True)
        create_pairs(con, new_only=True)
        create_scored(con, trained, fit_prior=False)
        pairs, clusters = conclude(con, trained, policy, known.pairs)
        compared = con.execute("select count(*) from record where is_new").fetchall()[0][0]
        records_now = con.sql(
            "select * exclude (place, is_new) from record order by record_id"
        ).to_arrow_table()
    rejected = new.rejected if new else SCHEMA_OF_REJECTED.empty_table()
    standard = Standardised(records_now, rejected)
    return Matches(pairs, clusters, trained, standard, account, compared)


_CHANGED = """
    create table changed as
    select hash_now.record_id
    from hash_now left join known_record using (record_id)
    where known_record.input_hash is distinct from hash_now.input_hash;
    select
        (select count(*) from changed),
        (select count(*) from known_record
            where record_id not in (select record_id from hash_now))"""

_MOVED_VERDICTS = """
    create table moved_verdict as
    with told_now as (
        select least(left_id, right_id) as left_id, greatest(left_id, right_id) as right_id,
            arg_max(verdict, said) as verdict
        from told
        where left_id <> right_id
            and left_id in (select record_id from hash_now)
            and right_id in (select record_id from hash_now)
        group by all
    ),
    told_then as (
        select left_id, right_id,
            case decision when 'apart' then 'different' else 'same' end as verdict
        from known_pair
        where rule = 'verdict'
            and left_id in (select record_id from hash_now)
            and right_id in (select record_id from hash_now)
    )
    select left_id, right_id
    from told_now full join told_then using (left_id, right_id)
    where told_now.verdict is distinct from told_then.verdict"""


def _changed_rows(
    con: duckdb.DuckDBPyConnection, records: pa.Table, columns: MatchColumns
) -> pa.Table:
    con.register("given", records)
    return con.sql(f"""
        select given.* from given
        join changed on changed.record_id = cast(given."{columns.id}" as varchar)
        """).to_arrow_table()


def _as_now(con: duckdb.DuckDBPyConnection, new: pa.Table | None) -> pa.Table:
    """Standardised records: the known ones that are there unchanged, and the new ones."""
    union = ""
    if new is not None:
        con.register("new_record", new)
        union = "union all by name select * from new_record"
    return con.sql(f"""
        select * from known_record
        where record_id in (select record_id from hash_now)
            and record_id not in (select record_id from changed)
        {union}""").to_arrow_table()


def _connect() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    return con


def _rules(con: duckdb.DuckDBPyConnection) -> list[blocking.Rule]:
    return blocking.rules_for(con.sql("select * from record limit 0").columns)


def _load(con: duckdb.DuckDBPyConnection, records: pa.Table, new: str | None = None) -> None:
    """Create ``record`` with its ``place`` in the order of ids; ``new`` selects the new ids."""
    con.register("standard_record", records)
    con.execute(f"""
        create table record as
        select *, cast(row_number() over (order by record_id) - 1 as integer) as place,
            {f"record_id in ({new})" if new else "true"} as is_new
        from standard_record
        order by record_id""")


def _load_told(con: duckdb.DuckDBPyConnection, verdicts: pa.Table | None) -> None:
    """Create ``told``: what people said, in their order, ``said``."""
    told = VERDICTS.empty_table() if verdicts is None else verdicts.select(VERDICTS.names)
    wrong = set(told["verdict"].to_pylist()) - {"same", "different"}
    if wrong:
        raise UsageError(
            f"Unknown verdict {', '.join(sorted(map(str, wrong)))}.",
            "A person says same or different.",
            "Correct the decision.",
        )
    told = told.append_column("said", pa.array(np.arange(len(told))))
    con.register("told", told)


def _load_verdicts(con: duckdb.DuckDBPyConnection, verdicts: pa.Table | None) -> None:
    """``verdict``: one row per pair of known records, the last word on it."""
    _load_told(con, verdicts)
    con.execute("""
        create table verdict as
        select least(one.place, other.place) as left_place,
            greatest(one.place, other.place) as right_place, arg_max(verdict, said) as verdict
        from told
        join record as one on one.record_id = told.left_id
        join record as other on other.record_id = told.right_id
        where one.place <> other.place
        group by all""")
