"""Reads answers to surveys and writes what each segment perceives, wave by wave.

A wave is a calendar quarter. Kinds of survey tell the scale: NPS from 0 to 10; CSAT and CES from 1
to 5; LSQ and SERVQUAL ask several items per dimension, named ``<DIMENSION>_<number>``, SERVQUAL
with what was expected.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.survey import (
    Estimate,
    cronbach_alpha,
    mean_of,
    net_promoters,
    post_stratified,
    reason_to_hide,
    size_classes,
    top_boxes,
)
from dagster_project.schemes.closed import Closed, first_day, segments_then
from dagster_project.schemes.reads import segment_rows

ANSWERS = "intermediate.int_scheme__answer"
COLUMNS = (
    *("response_id", "item_id", "campaign_id", "survey_type", "population_count", "entity_id"),
    *("submitted_date", "score", "expectation", "known_at"),
)
ACTIVITY = "intermediate.int_customer__month"
ACTIVITY_COLUMNS = ("entity_id", "activity_month", "known_month", "net_amount_group")
WAVES = 4
"""Quarters that are shown, the last one that is over included."""
SCALES = ("LSQ", "SERVQUAL")
Row = Mapping[str, Any]


def survey_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on."""
    beliefs = segment_rows(closed)
    return (
        Read(ANSWERS, COLUMNS, (("submitted_date", closed.end), ("known_at", closed.known_at))),
        Read(beliefs.relation, beliefs.columns, beliefs.until),
    )


def survey_table(tables: Tables, closed: Closed, settings: Settings) -> pa.Table:
    """Return segment, wave and dimension with what was answered; empty without an answer."""
    answers = tables.read(ANSWERS, COLUMNS)
    kept = pc.and_(
        pc.less_equal(answers["submitted_date"], pa.scalar(closed.end)),
        pc.less_equal(answers["known_at"].cast(pa.timestamp("us")), pa.scalar(closed.known_at)),
    )
    answers = answers.filter(pc.fill_null(kept, False))
    rows: list[dict[str, Any]] = []
    if answers.num_rows:
        sizes = _sizes(tables, closed)
        everything = [row for row in answers.to_pylist() if row["survey_type"] != "EXPECTATION"]
        for start, end in _waves(closed):
            own = [row for row in everything if start <= row["submitted_date"] <= end]
            if own:
                segments = segments_then(tables, closed, end).to_pylist()
                rows += _wave(own, segments, sizes, start, settings)
    return table_of("perceived_quality", rows)


def _waves(closed: Closed) -> list[tuple[date, date]]:
    """First and last day of the last quarters that are over by the closed month."""
    last = (closed.month + 1) // 3 * 3
    starts = [last - 3 * (k + 1) for k in reversed(range(WAVES))]
    return [(first_day(one), first_day(one + 3) - timedelta(days=1)) for one in starts]


def _sizes(tables: Tables, closed: Closed) -> dict[str, str]:
    """Size class of each customer by what it bought in the last year."""
    table = tables.read(ACTIVITY, ACTIVITY_COLUMNS)
    month = table["activity_month"]
    inside = pc.and_(
        pc.greater_equal(month, pa.scalar(closed.before(11), month.type)),
        pc.less_equal(month, pa.scalar(closed.start, month.type)),
    )
    found = table.filter(inside).group_by("entity_id").aggregate([("net_amount_group", "sum")])
    found = found.sort_by("entity_id")
    amounts = pc.fill_null(found["net_amount_group_sum"].cast(pa.float64()), 0.0).to_numpy()
    return dict(zip(found["entity_id"].to_pylist(), size_classes(amounts), strict=True))


def _wave(
    answers: Sequence[Row],
    segments: Sequence[Row],
    sizes: Mapping[str, str],
    start: date,
    settings: Settings,
) -> Iterator[dict[str, Any]]:
    segment_of: dict[str, list[str]] = defaultdict(list)
    population: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in segments:
        key = f"{row['scheme_id']}:{row['segment_code']}"
        segment_of[row["entity_id"]].append(key)
        population[key][sizes.get(row["entity_id"], "SMALL")] += 1
    cells: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(answers, key=lambda one: (one["response_id"], one["item_id"])):
        for key in segment_of.get(row["entity_id"], ()):
            for dimension in _dimensions(row):
                cells[key, dimension].append(row)
    rates = _rates(answers)
    for (key, dimension), own in sorted(cells.items()):
        yield {
            "segment_key": key,
            "wave_start_date": start,
            "dimension": dimension,
            "response_rate": rates.get(own[0]["survey_type"]),
            **_figures(dimension, own, population[key], sizes, settings),
        }


def _dimensions(row: Row) -> tuple[str, ...]:
    kind = row["survey_type"]
    if kind not in SCALES:
        return (kind,)
    return (f"{kind}:{row['item_id'].rpartition('_')[0] or row['item_id']}", kind)


def _rates(answers: Sequence[Row]) -> dict[str, float]:
    """Responses by who was asked, of each kind of survey in the wave."""
    responses: dict[str, set[str]] = defaultdict(set)
    asked: dict[str, dict[str, int]] = defaultdict(dict)
    for row in answers:
        responses[row["survey_type"]].add(row["response_id"])
        asked[row["survey_type"]][row["campaign_id"]] = row["population_count"] or 0
    totals = {kind: sum(each.values()) for kind, each in asked.items()}
    return {kind: len(responses[kind]) / total for kind, total in totals.items() if total}


def _figures(
    dimension: str,
    own: Sequence[Row],
    population: Mapping[str, int],
    sizes: Mapping[str, str],
    settings: Settings,
) -> dict[str, Any]:
    values, strata, estimate = _estimate(dimension, own, sizes)
    answers = len({row["response_id"] for row in own})
    entities = len({row["entity_id"] for row in own})
    hidden = reason_to_hide(answers, entities, settings.survey_min_answers)
    alpha = cronbach_alpha(_scale(own)) if dimension.split(":")[0] in SCALES else None
    found: dict[str, Any] = {
        "answers_count": answers,
        "entities_count": entities,
        "is_hidden": hidden is not None,
        "null_reason": hidden,
    }
    if hidden is not None or estimate is None:
        return found | {"null_reason": hidden or "nobody said what was expected"}
    return found | {
        "value": estimate.value,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "weighted_value": post_stratified(values, strata, population),
        "cronbach_alpha": alpha,
        "is_reliable": None if alpha is None else alpha >= settings.survey_min_alpha,
    }


def _estimate(
    dimension: str, own: Sequence[Row], sizes: Mapping[str, str]
) -> tuple[list[float], list[str], Estimate | None]:
    """Values that a mean is the figure of, their strata, and the figure."""
    kind = dimension.split(":")[0]
    if kind == "SERVQUAL":
        own = [row for row in own if row["expectation"] is not None]
    scores = [float(row["score"]) for row in own]
    strata = [sizes.get(row["entity_id"], "SMALL") for row in own]
    if not scores:
        return [], [], None
    if kind == "NPS":
        return [float(one >= 9) - float(one <= 6) for one in scores], strata, net_promoters(scores)
    if kind in ("CSAT", "CES"):
        return [float(one >= 4) for one in scores], strata, top_boxes(scores)
    if kind == "SERVQUAL":
        pairs = zip(scores, own, strict=True)
        scores = [one - float(row["expectation"]) for one, row in pairs]
    return scores, strata, mean_of(scores)


def _scale(own: Sequence[Row]) -> np.ndarray:
    """Scores as respondents by items, of those who answered every item."""
    items = sorted({row["item_id"] for row in own})
    by_response: dict[str, dict[str, float]] = defaultdict(dict)
    for row in own:
        by_response[row["response_id"]][row["item_id"]] = float(row["score"])
    whole = [one for one in by_response.values() if len(one) == len(items)]
    return np.array([[one[item] for item in items] for one in whole]).reshape(len(whole), -1)
