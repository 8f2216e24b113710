"""Candidate pairs with what links them and what the model makes of them.

Reads ``record``, ``verdict`` and ``candidate``; which pairs are candidates is in ``blocking``, what
becomes of them in ``decide``.
"""

import duckdb

from dagster_project.identity import model
from dagster_project.identity import prior as prior_of
from dagster_project.identity.columns import DETERMINISTIC_IDS
from dagster_project.identity.fold import quoted
from dagster_project.identity.model import Model


def create_pairs(con: duckdb.DuckDBPyConnection, new_only: bool) -> None:
    """Create ``pair``: candidates of the rules, of the sources and of people, by their ids.

    ``shared_id`` is the strongest identifier that both have, ``is_named`` whether one of them names
    the other, ``verdict`` what a person said last.
    """
    columns = con.sql("select * from record limit 0").columns
    shared = " ".join(
        f"when one.{kind} = other.{kind} then {quoted(kind)}"
        for kind in DETERMINISTIC_IDS
        if kind in columns
    )
    identifier = f"case {shared} end" if shared else "cast(null as varchar)"
    involved = "where one.is_new or other.is_new" if new_only else ""
    con.execute(f"""
        create table pair as
        select left_place, right_place, one.record_id as left_id, other.record_id as right_id,
            {identifier} as shared_id, verdict.verdict,
            coalesce(one.names_id = other.record_id or other.names_id = one.record_id, false)
                as is_named
        from (
            select left_place, right_place from candidate
            union select left_place, right_place from verdict
            union
            select least(record.place, named.place), greatest(record.place, named.place)
            from record join record as named on named.record_id = record.names_id
            where record.place <> named.place
        )
        left join verdict using (left_place, right_place)
        join record as one on one.place = left_place
        join record as other on other.place = right_place
        {involved}""")


def create_scored(con: duckdb.DuckDBPyConnection, trained: Model, fit_prior: bool) -> Model:
    """Create ``pair_scored``: ``pair`` with weight, probability and levels."""
    if not trained.settings["comparisons"]:
        con.execute("""
            create table pair_scored as
            select *, cast(null as double) as match_weight,
                cast(null as double) as match_probability
            from pair""")
        return trained
    con.execute("""
        create table involved as
        select * exclude (is_new, input_hash, names_id) from record
        where place in (select left_place from pair union all select right_place from pair)""")
    model.score(con, trained, "involved", "pair", "scored")
    if fit_prior:
        trained = prior_of.without_matches_in_u(trained, _prior(con))
        model.score(con, trained, "involved", "pair", "scored")
        trained = trained.with_prior(_prior(con))
    con.execute(
        """create table pair_scored as
        select pair.*, match_weight + $start as match_weight,
            1 / (1 + pow(2::double, -(match_weight + $start))) as match_probability,
            columns('^gamma_.*')
        from pair join scored using (left_id, right_id)""",
        {"start": prior_of.log_odds(trained.prior)},
    )
    return trained


def _prior(con: duckdb.DuckDBPyConnection) -> float:
    weights = con.sql(
        "select match_weight from scored order by left_id, right_id"
    ).to_arrow_table()["match_weight"]
    records = con.execute("select count(*) from record").fetchall()[0][0]
    return prior_of.fit_prior(weights.to_numpy(), records)
