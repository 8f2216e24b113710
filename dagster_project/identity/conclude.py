"""From scored pairs to decisions and clusters, inside one DuckDB connection.

Reads ``record``, ``verdict`` and ``pair_scored``; what it decides is in ``decide``, what must stay
apart in ``clusters``.
"""

import duckdb
import numpy as np
import pyarrow as pa

from dagster_project.identity import model
from dagster_project.identity.clusters import NONE, Apart, Edges, IntArray, cluster
from dagster_project.identity.columns import EXCLUSIVE_IDS
from dagster_project.identity.decide import PAIRS, decided
from dagster_project.identity.fold import quoted
from dagster_project.identity.model import Model
from dagster_project.identity.results import CLUSTERS, Policy

CUT = ", but it would join records that must stay apart"
"""What the reason of a pair ends with when the pair was cut."""


def conclude(
    con: duckdb.DuckDBPyConnection, trained: Model, policy: Policy, known: pa.Table
) -> tuple[pa.Table, pa.Table]:
    """Decide every pair, cluster the accepted ones, return ``PAIRS`` and ``CLUSTERS``.

    Args:
        con: Connection with ``record``, ``verdict`` and ``pair_scored``.
        trained: The model that scored the pairs.
        policy: Thresholds and permissions.
        known: Pairs of the last match; those of two records that are not new hold as they are.
    """
    decided(
        con,
        model.kinds_of(trained),
        policy.auto_threshold,
        policy.review_threshold,
        policy.merge_within,
    )
    _keep_known(con, known)
    _strongest_first(con)
    found = con.sql("select * from edge order by strength")
    edges = found.to_arrow_table()
    is_told = np.isin(edges["rule"].to_numpy(zero_copy_only=False), ("verdict", "named"))
    taken = Edges(_ints(edges["left_place"]), _ints(edges["right_place"]), is_told)
    records = con.sql("select * from record order by place").to_arrow_table()
    group, cut = cluster(len(records), taken, _apart(con, records, policy))
    con.register("cut", edges.append_column("is_cut", pa.array(cut)))
    con.register("grouped", pa.table({"place": np.arange(len(records)), "group_place": group}))
    return _pairs(con), _clusters(con)


def _keep_known(con: duckdb.DuckDBPyConnection, known: pa.Table) -> None:
    """Add to ``decided`` the known pairs that nothing has touched, as they were before any cut."""
    con.register("last_pair", known)
    con.execute(
        """
        insert into decided by name
        select one.place as left_place, other.place as right_place,
            last_pair.* exclude (is_cut) replace (
                case when is_cut then 'auto' else decision end as decision,
                case when is_cut then replace(reason, $cut, '') else reason end as reason
            )
        from last_pair
        join record as one on one.record_id = last_pair.left_id
        join record as other on other.record_id = last_pair.right_id
        where not one.is_new and not other.is_new""",
        {"cut": CUT},
    )


def _strongest_first(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``edge``: accepted pairs; ``strength`` is their rank."""
    con.execute("""
        create table edge as
        select left_place, right_place, rule, match_weight, match_probability, grade,
            row_number() over (
                order by grade, match_weight desc nulls last, left_place, right_place
            ) as strength
        from (
            select *,
                case rule when 'verdict' then 1 when 'named' then 2 when 'model' then 4 else 3 end
                    as grade
            from decided where decision = 'auto'
        )""")


def _apart(con: duckdb.DuckDBPyConnection, records: pa.Table, policy: Policy) -> Apart:
    exclusive = [_codes(records[kind]) for kind in EXCLUSIVE_IDS if kind in records.column_names]
    sources = records["source"].to_pandas()
    may_repeat = sources.isin(["", *policy.merge_within]) | ~records["is_active"].to_pandas()
    once = [np.where(may_repeat, NONE, _codes(records["source"]))]
    told = con.sql("""
        select left_place, right_place from verdict where verdict = 'different'
        order by all""").to_arrow_table()
    return Apart(exclusive, once, _ints(told["left_place"]), _ints(told["right_place"]))


def _codes(values: pa.ChunkedArray) -> IntArray:
    """A number per distinct value, ``NONE`` where it is null."""
    codes = values.combine_chunks().dictionary_encode().indices.fill_null(NONE)
    return np.asarray(codes).astype(np.int64)


def _ints(values: pa.ChunkedArray) -> IntArray:
    return values.to_numpy().astype(np.int64)


def _pairs(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Decided pairs; an accepted one that was cut goes to a person."""
    names = ", ".join(PAIRS.names)
    found = con.sql(f"""
        select {names} from (
            select decided.* replace (
                case when cut.is_cut then 'review' else decision end as decision,
                case when cut.is_cut then reason || {quoted(CUT)} else reason end as reason
            ),
            coalesce(cut.is_cut, false) as is_cut
            from decided left join cut using (left_place, right_place)
        ) order by left_id, right_id""").to_arrow_table()
    return found.cast(PAIRS)


def _clusters(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Every record with its cluster and the strongest pair that holds it there."""
    found = con.sql("""
        with accepted as (
            select left_place, right_place, strength, grade, match_probability, rule
            from cut where not is_cut
        ),
        ends as (
            select left_place as place, right_place as other, * exclude (left_place, right_place)
            from accepted
            union all
            select right_place, left_place, * exclude (left_place, right_place) from accepted
        ),
        held as (
            select place, min(grade) as grade, arg_min(rule, strength) as rule,
                arg_min(other, strength) as other,
                arg_min(case when grade = 4 then match_probability else 1.0 end, strength)
                    as confidence
            from ends group by place
        )
        select member.record_id, head.record_id as cluster_id,
            case held.grade when 1 then 'MANUAL' when 2 then 'DETERMINISTIC'
                when 3 then 'DETERMINISTIC' when 4 then 'PROBABILISTIC' else 'SINGLE' end as method,
            coalesce(held.confidence, 1.0) as confidence,
            held.rule, linked.record_id as linked_id, decided.reason
        from grouped
        join record as member on member.place = grouped.place
        join record as head on head.place = grouped.group_place
        left join held on held.place = grouped.place
        left join record as linked on linked.place = held.other
        left join decided on decided.left_place = least(held.place, held.other)
            and decided.right_place = greatest(held.place, held.other)
        order by member.record_id""").to_arrow_table()
    return found.cast(CLUSTERS)
