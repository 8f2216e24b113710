"""Reads answers to surveys and writes what each segment perceives, wave by wave.

A wave is a calendar quarter. Kinds of survey tell the scale: NPS from 0 to 10; CSAT and CES from 1
to 5; LSQ and SERVQUAL ask several items per dimension, named ``<DIMENSION>_<number>``, SERVQUAL
with what was expected. Answers of unknown customers count for all segments together only.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    TOP_BOXES,
    Estimate,
    cronbach_alpha,
    is_of_scale,
    mean_of,
    net_promoters,
    post_stratified,
    promoter_sign,
    reason_to_hide,
    size_classes,
    standardised_difference,
    top_boxes,
)
from dagster_project.improvement.values import EVERYBODY
from dagster_project.schemes.closed import Closed, first_day, segments_then
from dagster_project.schemes.reads import segment_rows

ANSWERS = "intermediate.int_scheme__answer"
COLUMNS = (
    *("response_id", "item_id", "campaign_id", "survey_type", "population_count", "language"),
    *("entity_id", "submitted_date", "score", "expectation", "comment_text", "is_anonymous"),
    *("replaced_count", "known_at"),
)
ACTIVITY = "intermediate.int_customer__month"
ACTIVITY_COLUMNS = (
    *("entity_id", "activity_month", "known_month", "net_amount_group", "orders_count"),
)
WAVES = 4
"""Quarters that are shown, the last one that is over included."""
YEAR = timedelta(days=365)
SCALES = ("LSQ", "SERVQUAL")
ASKS_NOT = "EXPECTATION"
"""Kind of survey that does not ask what service is like, only what it should be."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Customers:
    """The customers of a wave.

    ``members``: entities by segment, all of them under ``EVERYBODY``. ``size``: size class;
    ``sales`` and ``orders``: of the last year.
    """

    members: Mapping[str, frozenset[str]]
    size: Mapping[str, str]
    sales: Mapping[str, float]
    orders: Mapping[str, float]

    def segments_of(self, entity: str | None) -> list[str]:
        """Segments for which an answer of an entity counts."""
        own = [key for key, members in self.members.items() if entity in members]
        return own if EVERYBODY in own else [*own, EVERYBODY]


def survey_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on."""
    beliefs = segment_rows(closed)
    months = (("activity_month", closed.start), ("known_month", closed.start))
    return (
        Read(ANSWERS, COLUMNS, (("submitted_date", closed.end), ("known_at", closed.known_at))),
        Read(beliefs.relation, beliefs.columns, beliefs.until),
        Read(ACTIVITY, ACTIVITY_COLUMNS, months),
    )


def survey_table(tables: Tables, closed: Closed, settings: Settings) -> pa.Table:
    """Return segment, wave and dimension with what was answered; empty without an answer."""
    rows: list[dict[str, Any]] = []
    answers = answers_until(tables, closed)
    if answers:
        activity = _activity(tables, closed)
        for start, end in waves(closed):
            inside = [row for row in answers if start <= row["submitted_date"] <= end]
            own = [row for row in inside if row["survey_type"] != ASKS_NOT]
            if own:
                customers = _customers(tables, closed, end, activity)
                tired = _tired(answers, end, settings.survey_max_per_year)
                rows += _wave(own, customers, tired, start, settings)
    return table_of("perceived_quality", rows)


def answers_until(tables: Tables, closed: Closed) -> list[dict[str, Any]]:
    """Return the answers of the last waves and a year before, in one order."""
    answers = tables.read(ANSWERS, COLUMNS)
    first = waves(closed)[0][0] - YEAR
    kept = pc.and_(
        pc.and_(
            pc.less_equal(answers["submitted_date"], pa.scalar(closed.end)),
            pc.greater_equal(answers["submitted_date"], pa.scalar(first)),
        ),
        pc.less_equal(answers["known_at"].cast(pa.timestamp("us")), pa.scalar(closed.known_at)),
    )
    found = answers.filter(pc.fill_null(kept, False))
    return list(found.sort_by([("response_id", "ascending"), ("item_id", "ascending")]).to_pylist())


def waves(closed: Closed) -> list[tuple[date, date]]:
    """Return first and last day of the last quarters that are over by the closed month."""
    last = (closed.month + 1) // 3 * 3
    starts = [last - 3 * (k + 1) for k in reversed(range(WAVES))]
    return [(first_day(one), first_day(one + 3) - timedelta(days=1)) for one in starts]


def members_at(tables: Tables, closed: Closed, day: date) -> dict[str, frozenset[str]]:
    """Return the entities of each segment on a day, all of them under ``EVERYBODY``."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in segments_then(tables, closed, day).to_pylist():
        found[f"{row['scheme_id']}:{row['segment_code']}"].add(row["entity_id"])
        found[EVERYBODY].add(row["entity_id"])
    return {key: frozenset(members) for key, members in sorted(found.items())}


def _activity(tables: Tables, closed: Closed) -> tuple[dict[str, float], dict[str, float]]:
    """What each customer bought in the last year, and how often."""
    table = tables.read(ACTIVITY, ACTIVITY_COLUMNS)
    month = table["activity_month"]
    inside = pc.and_(
        pc.greater_equal(month, pa.scalar(closed.before(11), month.type)),
        pc.less_equal(month, pa.scalar(closed.start, month.type)),
    )
    sums = [("net_amount_group", "sum"), ("orders_count", "sum")]
    found = table.filter(inside).group_by("entity_id").aggregate(sums).sort_by("entity_id")
    names = found["entity_id"].to_pylist()
    columns = [
        pc.fill_null(found[f"{name}_sum"].cast(pa.float64()), 0.0).to_pylist() for name, _ in sums
    ]
    return dict(zip(names, columns[0], strict=True)), dict(zip(names, columns[1], strict=True))


def _customers(
    tables: Tables,
    closed: Closed,
    end: date,
    activity: tuple[dict[str, float], dict[str, float]],
) -> Customers:
    sales, orders = activity
    sizes = dict(zip(sales, size_classes(list(sales.values())).tolist(), strict=True))
    return Customers(members_at(tables, closed, end), sizes, sales, orders)


def _tired(answers: Sequence[Row], end: date, most: int) -> frozenset[str]:
    """Customers that were in more campaigns within a year than policy asks of anybody."""
    seen = {
        (row["entity_id"], row["campaign_id"])
        for row in answers
        if row["entity_id"] and end - YEAR < row["submitted_date"] <= end
    }
    counted = Counter(entity for entity, _ in seen)
    return frozenset(entity for entity, count in counted.items() if count > most)


def _wave(
    answers: Sequence[Row],
    customers: Customers,
    tired: frozenset[str],
    start: date,
    settings: Settings,
) -> Iterator[dict[str, Any]]:
    cells: dict[tuple[str, str], list[Row]] = defaultdict(list)
    segments_of: dict[str | None, list[str]] = {}
    for row in answers:
        entity = row["entity_id"]
        if entity not in segments_of:
            segments_of[entity] = customers.segments_of(entity)
        for key in segments_of[entity]:
            for dimension in _dimensions(row):
                cells[key, dimension].append(row)
    rates = _rates(answers)
    for (key, dimension), own in sorted(cells.items()):
        yield {
            "segment_key": key,
            "wave_start_date": start,
            "dimension": dimension,
            "response_rate": rates.get(own[0]["survey_type"]),
            **_counts(own, tired),
            **_bias(own, key, customers, settings),
            **_figures(dimension, own, key, customers, settings),
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


def _counts(own: Sequence[Row], tired: frozenset[str]) -> dict[str, Any]:
    replaced = {row["response_id"]: row["replaced_count"] for row in own}
    return {
        "answers_count": len(replaced),
        "entities_count": len(_known(own)),
        "items_count": len({row["item_id"] for row in own}),
        "replaced_answers_count": sum(replaced.values()),
        "tired_entities_count": len(_known(own) & tired),
    }


def _known(own: Sequence[Row]) -> set[str]:
    return {row["entity_id"] for row in own if row["entity_id"]}


def _bias(own: Sequence[Row], key: str, customers: Customers, settings: Settings) -> dict[str, Any]:
    """Do those who answer buy like those of the segment who do not?"""
    members, answered = customers.members.get(key, frozenset()), _known(own)
    found: dict[str, float | None] = {}
    for name, bought in (("sales", customers.sales), ("orders", customers.orders)):
        # Sizes of customers differ by orders of magnitude; their logarithms can be averaged.
        logs = {one: float(np.log1p(max(bought.get(one, 0.0), 0.0))) for one in sorted(members)}
        found[name] = standardised_difference(
            [value for one, value in logs.items() if one in answered],
            [value for one, value in logs.items() if one not in answered],
        )
    known = [abs(one) for one in found.values() if one is not None]
    return {
        "respondents_sales_difference": found["sales"],
        "respondents_orders_difference": found["orders"],
        "is_nonresponse_biased": max(known) > settings.survey_max_difference if known else None,
    }


def _figures(
    dimension: str, own: Sequence[Row], key: str, customers: Customers, settings: Settings
) -> dict[str, Any]:
    values, entities, estimate = _estimate(dimension, own)
    answers = len({row["response_id"] for row in own})
    kind, _, part = dimension.partition(":")
    hidden = reason_to_hide(answers, len(_known(own)), settings.survey_min_answers)
    if part and not is_of_scale(kind, part):
        hidden = f"{kind} has no such dimension"
    found: dict[str, Any] = {"is_hidden": hidden is not None, "null_reason": hidden}
    if hidden is not None or estimate is None:
        return found | {"null_reason": hidden or "nobody said what was expected"}
    alpha = cronbach_alpha(_scale(own)) if kind in SCALES else None
    placed = [
        (v, customers.size.get(e, "SMALL")) for v, e in zip(values, entities, strict=True) if e
    ]
    population = Counter(customers.size.get(one, "SMALL") for one in customers.members.get(key, ()))
    return found | {
        "value": estimate.value,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "weighted_value": post_stratified(
            [value for value, _ in placed], [size for _, size in placed], population
        ),
        "cronbach_alpha": alpha,
        "is_reliable": None if alpha is None else alpha >= settings.survey_min_alpha,
    }


def _estimate(
    dimension: str, own: Sequence[Row]
) -> tuple[list[float], list[str | None], Estimate | None]:
    """Values that a mean is the figure of, who gave them, and the figure."""
    kind = dimension.split(":")[0]
    own = [row for row in own if row["score"] is not None]
    if kind == "SERVQUAL":
        own = [row for row in own if row["expectation"] is not None]
    scores = [float(row["score"]) for row in own]
    entities = [row["entity_id"] for row in own]
    if not scores:
        return [], [], None
    if kind == "NPS":
        return [promoter_sign(one) for one in scores], entities, net_promoters(scores)
    if kind in ("CSAT", "CES"):
        return [float(one >= TOP_BOXES) for one in scores], entities, top_boxes(scores)
    if kind == "SERVQUAL":
        pairs = zip(scores, own, strict=True)
        scores = [one - float(row["expectation"]) for one, row in pairs]
    return scores, entities, mean_of(scores)


def _scale(own: Sequence[Row]) -> np.ndarray:
    """Scores as respondents by items, of those who answered every item."""
    items = sorted({row["item_id"] for row in own})
    by_response: dict[str, dict[str, float]] = defaultdict(dict)
    for row in own:
        if row["score"] is not None:
            by_response[row["response_id"]][row["item_id"]] = float(row["score"])
    whole = [one for one in by_response.values() if len(one) == len(items)]
    return np.array([[one[item] for item in items] for one in whole]).reshape(len(whole), -1)
