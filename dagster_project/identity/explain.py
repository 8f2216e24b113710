"""Why two records are, or are not, one customer: each comparison, what it found, what it weighs."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.identity import model
from dagster_project.identity.columns import DETERMINISTIC_IDS
from dagster_project.identity.comparisons import Compared, compared
from dagster_project.identity.model import Model
from dagster_project.identity.prior import log_odds


@dataclass(frozen=True)
class Finding:
    """One comparison of one pair.

    ``weight`` is in bits: each bit doubles the odds for one customer, each bit below zero halves
    them; null where a rule decides, not a weight. ``words`` is the line for a person.
    """

    kind: str
    left: str | None
    right: str | None
    level: str
    weight: float | None
    words: str


def explain(records: pa.Table, trained: Model, left_id: str, right_id: str) -> list[Finding]:
    """Return what each comparison of two records found, identifiers first, then the prior.

    Args:
        records: Standardised records with both.
        trained: The model that scored them.
        left_id: One record.
        right_id: The other; the order does not matter.

    Returns:
        The weights add up to the match weight of the pair.

    Raises:
        UsageError: A record is not there.
    """
    left_id, right_id = sorted((left_id, right_id))
    with duckdb.connect() as con:
        con.register("given", records)
        con.execute(
            "create table record as select * from given where record_id in ($left, $right)",
            {"left": left_id, "right": right_id},
        )
        rows = con.sql("select * from record order by record_id").to_arrow_table().to_pylist()
        if len(rows) != 2:
            raise UsageError(
                f"Cannot explain {left_id} and {right_id}.",
                "One of them is not among the records, or they are the same.",
                "Name two records by their ids.",
            )
        found = _proofs(rows)
        if trained.settings["comparisons"]:
            found += _weighed(con, trained, rows)
    return found


def _proofs(rows: list[dict[str, str | None]]) -> list[Finding]:
    found = []
    for kind in DETERMINISTIC_IDS:
        left, right = rows[0].get(kind), rows[1].get(kind)
        if left is None or right is None:
            continue
        level = "the same" if left == right else "different"
        found.append(Finding(kind, left, right, level, None, f"{kind}: {level} valid number"))
    return found


def _weighed(
    con: duckdb.DuckDBPyConnection, trained: Model, rows: list[dict[str, str | None]]
) -> list[Finding]:
    con.execute("""
        create table pair as
        select min(record_id) as left_id, max(record_id) as right_id from record""")
    model.score(con, trained, "record", "pair", "scored")
    scored = con.sql("select * from scored").to_arrow_table().to_pylist()[0]
    found = [
        _finding(each, scored, rows[0].get(each.kind), rows[1].get(each.kind))
        for each in compared(model.kinds_of(trained))
    ]
    start = log_odds(trained.prior)
    share = f"one pair in {round(1 / trained.prior):,} is one customer"
    words = f"before looking: {share} ({start:+.1f})"
    return [*found, Finding("prior", None, None, share, start, words)]


def _finding(
    each: Compared, scored: dict[str, float], left: str | None, right: str | None
) -> Finding:
    number = int(scored[f"gamma_{each.kind}"])
    if number < 0:
        words = f"{each.kind}: missing on one side, says nothing"
        return Finding(each.kind, left, right, "missing", 0.0, words)
    level = each.levels[len(each.levels) - 1 - number].words
    rarity = scored.get(f"mw_tf_adj_{each.kind}") or 0.0
    weight = scored[f"mw_{each.kind}"] + rarity
    words = f"{each.kind}: {level} ({weight:+.1f}{_rarity(rarity)})"
    return Finding(each.kind, left, right, level, weight, words)


def _rarity(adjustment: float) -> str:
    if abs(adjustment) < 0.05:
        return ""
    how = "rare" if adjustment > 0 else "common"
    return f", of which {adjustment:+.1f} for a {how} value"


def in_words(findings: Iterable[Finding]) -> list[str]:
    """Return the lines for a person, the weightiest first."""
    ordered = sorted(
        findings, key=lambda found: -abs(found.weight if found.weight is not None else 1e9)
    )
    return [found.words for found in ordered]
