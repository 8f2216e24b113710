"""Fellegi-Sunter weights: learnt with Splink on DuckDB, kept as plain numbers, used to score pairs.

u is counted on a fixed sample of random pairs, m by expectation maximisation on pairs that share a
name and on pairs that share something else, so that no comparison is learnt on pairs chosen by it.
What was learnt is rounded to six digits: the last bits depend on how many threads added them up.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.identity.comparisons import compared, splink_settings

FEWEST_RECORDS = 500
"""With fewer records the starting weights are used: there is too little to learn from."""

SEED = 20_240_229
MOST_PAIRS = 1_000_000
"""Random pairs for u, and pairs per EM session."""

STARTING_PRIOR = 1e-4


@dataclass(frozen=True)
class Model:
    """A trained model: everything that scoring needs, as plain data.

    ``settings``: Splink settings with m, u and prior. ``frequencies``: share of each value by
    column. ``is_learnt``: false if all weights are the starting ones. ``notes``: what could not be
    learnt and stayed at its starting weight.
    """

    settings: dict[str, Any]
    frequencies: dict[str, pa.Table]
    is_learnt: bool = False
    notes: tuple[str, ...] = ()

    @property
    def prior(self) -> float:
        """Share of all pairs that are one customer."""
        return float(self.settings["probability_two_random_records_match"])

    def with_prior(self, prior: float) -> "Model":
        """Return the same model with another prior."""
        settings = self.settings | {"probability_two_random_records_match": prior}
        return replace(self, settings=settings)

    def to_json(self) -> str:
        """Return the model as text, the same for the same model."""
        tables = {name: table.to_pydict() for name, table in self.frequencies.items()}
        return json.dumps(
            {
                "settings": self.settings,
                "frequencies": tables,
                "is_learnt": self.is_learnt,
                "notes": self.notes,
            },
            sort_keys=True,
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """Return the model that ``to_json`` wrote."""
        read = json.loads(text)
        tables = {name: pa.table(columns) for name, columns in read["frequencies"].items()}
        return cls(read["settings"], tables, read["is_learnt"], tuple(read["notes"]))


def train(con: duckdb.DuckDBPyConnection, by_frequency: bool = True) -> Model:
    """Learn a model from the records in table ``record``, which has no column of pairs.

    Few records, or a comparison whose learnt levels contradict their order, keep the starting
    weights; ``Model.notes`` says which. ``by_frequency``: a shared rare value counts for more than
    a common one; the model then carries the values.
    """
    kinds = con.sql("select * from record limit 0").columns
    total = con.execute("select count(*) from record").fetchall()[0]
    is_small = total[0] < FEWEST_RECORDS
    settings = splink_settings(kinds, by_frequency=by_frequency and not is_small)
    settings["probability_two_random_records_match"] = STARTING_PRIOR
    if not settings["comparisons"]:
        return Model(settings, {}, notes=("no column to compare",))
    if is_small:
        notes = [f"fewer than {FEWEST_RECORDS} records: starting weights"]
        return Model(settings, {}, notes=tuple(notes))
    notes = _learn(con, settings, kinds)
    return Model(settings, _frequencies(con, settings), True, tuple(notes))


def score(
    con: duckdb.DuckDBPyConnection, model: Model, records: str, pairs: str, scored: str
) -> None:
    """Create table ``scored``: ids, weight before any prior and level of each comparison.

    Args:
        con: Connection with both tables.
        model: Its comparisons must be columns of ``records``.
        records: Table with ``record_id`` and the folded columns.
        pairs: Table with ``left_id`` and ``right_id``.
        scored: Table to create: ``left_id``, ``right_id``, ``match_weight`` (sum of the weights
            of the comparisons), ``gamma_<kind>`` (level), ``mw_<kind>`` (its weight),
            ``mw_tf_adj_<kind>`` (more or less for a rare or common value).
    """
    even = model.settings | {"probability_two_random_records_match": 0.5}
    linker, api = _linker(con, even, records)
    for kind, table in model.frequencies.items():
        con.register("frequency_now", table)
        con.execute(f"create or replace table frequency_{kind} as select * from frequency_now")
        registered = api.register(f"frequency_{kind}")
        linker.table_management.register_term_frequency_lookup(registered, kind)
    con.execute(f"""
        create or replace table blocked_pair as
        select '0' as match_key, left_id as join_key_l, right_id as join_key_r from {pairs}""")
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked_pair"))
    predicted = linker.inference.predict(warning_mode="never")
    con.execute(f"""
        create or replace table {scored} as
        select record_id_l as left_id, record_id_r as right_id,
            columns('^(match_weight|gamma_.*|mw_.*)$')
        from {predicted.physical_name}""")
    api.delete_tables_created_by_splink_from_db()


def _linker(con: duckdb.DuckDBPyConnection, settings: dict[str, Any], records: str) -> Any:
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register(records), settings, log_level=None, validate_settings=False)
    return linker, api


def _learn(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], kinds: Sequence[str]
) -> list[str]:
    """Replace starting m and u in ``settings`` by learnt ones where they make sense."""
    learnt_u = _train_u(con, settings)
    for starting, found in zip(_levels(settings), _levels(learnt_u), strict=True):
        for level, new in zip(starting, found, strict=True):
            level["u_probability"] = _number(new, "u_probability", level["u_probability"])
    notes: list[str] = []
    sessions: list[dict[str, Any]] = []
    for columns in _sessions(kinds):
        try:
            sessions.append(_train_m(con, settings, columns))
        except Exception as error:
            # Splink raises several kinds where there is no pair, or a probability underflows.
            shared = " and ".join(columns)
            notes.append(f"nothing learnt from pairs with the same {shared}: {str(error)[:80]}")
    for place, each in enumerate(settings["comparisons"]):
        by_session = [_levels(session)[place] for session in sessions]
        if not _take(_levels(settings)[place], by_session):
            notes.append(f"{each['output_column_name']}: starting m")
    return notes


def _train_u(con: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> dict[str, Any]:
    linker, api = _linker(con, settings, "record")
    linker.training.estimate_u_using_random_sampling(
        max_pairs=MOST_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1
    )
    return _closed(linker, api)


def _train_m(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], columns: Sequence[str]
) -> dict[str, Any]:
    linker, api = _linker(con, settings, "record")
    linker.training.estimate_parameters_using_expectation_maximisation(
        " and ".join(f"l.{column} = r.{column}" for column in columns),
        estimate_without_term_frequencies=True,
        max_pairs=MOST_PAIRS,
    )
    return _closed(linker, api)


def _closed(linker: Any, api: Any) -> dict[str, Any]:
    """What was learnt, with nothing left behind in the database."""
    learnt: dict[str, Any] = linker.misc.save_model_to_json()
    api.delete_tables_created_by_splink_from_db()
    return learnt


def _levels(settings: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The levels of each comparison, without the one for missing values."""
    return [
        [level for level in each["comparison_levels"] if not level.get("is_null_level")]
        for each in settings["comparisons"]
    ]


def _sessions(kinds: Sequence[str]) -> list[tuple[str, ...]]:
    """Columns that training pairs share: one choice of names, two of something else."""
    names = [("name_key",), ("given_name", "surname")]
    others = [
        ("birth_date",),
        ("email",),
        ("phone",),
        ("identifier",),
        ("street", "postcode"),
        ("street",),
        ("postcode",),
    ]
    by_name = [columns for columns in names if set(columns) <= set(kinds)][:1]
    return by_name + [columns for columns in others if set(columns) <= set(kinds)][:2]


def _take(starting: list[dict[str, Any]], sessions: list[list[dict[str, Any]]]) -> bool:
    """Take the mean of m over the sessions that moved it, if agreement still counts for more."""
    first = [level["m_probability"] for level in starting]
    found = [
        [_number(new, "m_probability", old) for new, old in zip(levels, first, strict=True)]
        for levels in sessions
    ]
    moved = [ms for ms in found if ms != first]
    if not moved:
        return False
    means = [float(f"{sum(ms) / len(moved):.6g}") for ms in zip(*moved, strict=True)]
    us = [level["u_probability"] for level in starting]
    if not (means[0] > us[0] and means[-1] < us[-1]):
        return False
    for level, m in zip(starting, means, strict=True):
        level["m_probability"] = m
    return True


def _number(level: dict[str, Any], name: str, otherwise: Any) -> Any:
    """A learnt probability, away from 0 and 1 so that no level proves anything on its own."""
    value = level.get(name)
    if not isinstance(value, float):
        return otherwise
    return float(f"{min(max(value, LEAST), 1 - LEAST):.6g}")


LEAST = 1e-6


def _frequencies(con: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> dict[str, pa.Table]:
    kinds = [
        each["output_column_name"]
        for each in settings["comparisons"]
        if "tf_adjustment_column" in each["comparison_levels"][1]
    ]
    return {
        kind: con.sql(f"""
            select {kind}, count(*) / sum(count(*)) over () as tf_{kind}
            from record where {kind} is not null group by {kind} order by {kind}
            """).to_arrow_table()
        for kind in kinds
    }


def kinds_of(model: Model) -> tuple[str, ...]:
    """Return the compared columns in their order."""
    names = {each["output_column_name"] for each in model.settings["comparisons"]}
    return tuple(each.kind for each in compared(sorted(names)))
