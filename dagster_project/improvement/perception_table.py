"""Reads what customers say and what they got and writes whom somebody should go and see.

A customer is judged in each kind of survey by the mean of what it said in the last four waves,
against the share of its lines of the last twelve months that came in time and in full. What was
said anonymously is not looked at.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.perception import (
    AS_MEASURED,
    MIN_CUSTOMERS,
    line_through,
    on_one_scale,
    verdict_of,
)
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.survey_table import answers_until, waves
from dagster_project.improvement.theme_table import known_notes
from dagster_project.schemes.closed import Closed, segments_then

LINES = "marts.fct_order_line_service"
LINE_COLUMNS = ("entity_id", "due_first_date", "is_otif_first")
MONTHS = 12


def perception_reads(closed: Closed) -> tuple[Read, ...]:
    """Lines that the table depends on, besides answers, notes and segments."""
    return (Read(LINES, LINE_COLUMNS, (("due_first_date", closed.end),), "is_otif_first"),)


def perception_table(tables: Tables, closed: Closed, settings: Settings) -> pa.Table:
    """Return kind of survey and customer with what it says and what it got."""
    said = _said(tables, closed)
    rows: list[dict[str, Any]] = []
    if said:
        got = _got(tables, closed)
        visited: dict[str, date] = {}
        for row in known_notes(tables, closed):
            visited[row["entity_id"]] = max(
                row["noted_date"], visited.get(row["entity_id"], row["noted_date"])
            )
        segment_of = _segments(tables, closed)
        for kind, scores in sorted(said.items()):
            for row in _judged(scores, got, settings):
                entity = row["entity_id"]
                last = visited.get(entity)
                is_fresh = last is not None and last >= closed.before(MONTHS - 1)
                rows.append(
                    row
                    | {
                        "as_of_month": closed.start,
                        "survey_type": kind,
                        "segment_key": segment_of.get(entity),
                        "last_interview_date": last,
                        "is_to_interview": row["verdict"] not in (None, AS_MEASURED)
                        and not is_fresh,
                    }
                )
    return table_of("perception_vs_measured", rows)


def _said(tables: Tables, closed: Closed) -> dict[str, dict[str, list[float]]]:
    """Scores on one scale by kind of survey and customer."""
    first = waves(closed)[0][0]
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in answers_until(tables, closed):
        if row["is_anonymous"] or not row["entity_id"] or row["score"] is None:
            continue
        score = on_one_scale(row["survey_type"], float(row["score"]))
        if score is not None and row["submitted_date"] >= first:
            found[row["survey_type"]][row["entity_id"]].append(score)
    return found


def _got(tables: Tables, closed: Closed) -> dict[str, tuple[int, int]]:
    """Judged lines and those in time and in full, by customer."""
    lines = tables.read(LINES, LINE_COLUMNS, "is_otif_first")
    due = lines["due_first_date"]
    inside = pc.and_(
        pc.greater_equal(due, pa.scalar(closed.before(MONTHS - 1), due.type)),
        pc.less_equal(due, pa.scalar(closed.end, due.type)),
    )
    lines = lines.filter(pc.fill_null(inside, False))
    lines = lines.set_column(2, "right", lines["is_otif_first"].cast(pa.int64()))
    sums = lines.group_by("entity_id").aggregate([("right", "count"), ("right", "sum")])
    return {row["entity_id"]: (row["right_count"], row["right_sum"]) for row in sums.to_pylist()}


def _segments(tables: Tables, closed: Closed) -> dict[str, str]:
    """Segment of each customer in the scheme whose name comes first."""
    belief = segments_then(tables, closed).to_pylist()
    return {
        row["entity_id"]: f"{row['scheme_id']}:{row['segment_code']}"
        for row in sorted(belief, key=lambda one: one["scheme_id"], reverse=True)
    }


def _judged(
    scores: Mapping[str, Sequence[float]],
    got: Mapping[str, tuple[int, int]],
    settings: Settings,
) -> Iterator[dict[str, Any]]:
    names = sorted(scores)
    counted = [got.get(name, (0, 0)) for name in names]
    enough = [lines >= settings.perception_min_lines for lines, _ in counted]
    perceived = np.array([np.mean(scores[name]) for name in names])
    measured = np.array([right / lines if lines else np.nan for lines, right in counted])
    placed = np.array(enough, dtype=bool)
    line = line_through(measured[placed], perceived[placed])
    place = np.cumsum(placed) - 1
    for k, name in enumerate(names):
        row: dict[str, Any] = {
            "entity_id": name,
            "answers_count": len(scores[name]),
            "lines_count": counted[k][0],
            "perceived_value": perceived[k],
            "measured_value": measured[k],
            "verdict": None,
        }
        if not enough[k]:
            yield row | {"null_reason": f"fewer than {settings.perception_min_lines} lines"}
        elif line is None:
            why = f"fewer than {MIN_CUSTOMERS} customers, or all served alike"
            yield row | {"null_reason": why}
        else:
            distance = float(line.distance[place[k]])
            yield row | {
                "slope": line.slope,
                "rank_correlation": line.rank_correlation,
                "expected_value": float(line.expected[place[k]]),
                "distance": distance,
                "verdict": verdict_of(distance, settings.perception_outlier),
            }
