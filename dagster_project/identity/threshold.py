"""Judge matches by labels, and choose from them where to merge without asking."""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from dagster_project.errors import UsageError


@dataclass(frozen=True)
class Accuracy:
    """Pairwise precision, recall and their harmonic mean; null precision if nothing was found."""

    found: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0


def pairwise(clusters: pa.Table, truth: pa.Table) -> Accuracy:
    """Compare clusters with the truth, pair by pair.

    Args:
        clusters: ``record_id``, ``cluster_id``.
        truth: The same of the true groups. Records that it does not have are not judged.
    """
    with duckdb.connect() as con:
        con.register("clusters", clusters)
        con.register("truth", truth)
        counts = con.execute("""
            with judged as (
                select clusters.cluster_id as found, truth.cluster_id as true_id
                from clusters join truth using (record_id)
            ),
            found as (select count(*) as n from judged group by found),
            real as (select count(*) as n from judged group by true_id),
            together as (select count(*) as n from judged group by found, true_id)
            select
                (select coalesce(sum(n * (n - 1) // 2), 0) from found)::bigint,
                (select coalesce(sum(n * (n - 1) // 2), 0) from real)::bigint,
                (select coalesce(sum(n * (n - 1) // 2), 0) from together)::bigint
            """).fetchall()[0]
    return Accuracy(*counts)


def choose_threshold(pairs: pa.Table, labels: pa.Table, precision: float = 0.99) -> float:
    """Return the lowest probability from which on labelled pairs are precise enough.

    Precision is that of all labelled pairs at or above the probability, not of those at it.

    Args:
        pairs: ``left_id``, ``right_id``, ``match_probability``.
        labels: ``left_id``, ``right_id``, ``is_match``, the ids in either order. Pairs without a
            label are not judged.
        precision: The bar.

    Raises:
        UsageError: No labelled pair, or no threshold reaches the bar.
    """
    with duckdb.connect() as con:
        con.register("pairs", pairs)
        con.register("labels", labels)
        reached = con.execute(
            """with judged as (
                select match_probability as p, bool_or(is_match) as is_match
                from pairs join labels
                    on least(labels.left_id, labels.right_id) = least(pairs.left_id, pairs.right_id)
                    and greatest(labels.left_id, labels.right_id)
                        = greatest(pairs.left_id, pairs.right_id)
                where match_probability is not null
                group by pairs.left_id, pairs.right_id, match_probability
            ),
            by_p as (
                select p, count(*) as n, count(*) filter (is_match) as right_n
                from judged group by p
            ),
            above as (
                select p,
                    sum(right_n) over (order by p desc) / sum(n) over (order by p desc) as share
                from by_p
            )
            select min(p) from above where share >= $bar""",
            {"bar": precision},
        ).fetchall()[0][0]
    if reached is None:
        raise UsageError(
            f"No threshold has a precision of {precision}.",
            "The labelled pairs are too few, or the model does not separate them.",
            "Label more pairs, or declare columns that identify.",
        )
    return float(reached)
