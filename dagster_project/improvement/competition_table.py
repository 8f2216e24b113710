"""Reads offers, our promises and what customers find important, and writes our place."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.competition import Offer, market_of, position
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.values import EVERYBODY, Key, Series, closed_months, last_values
from dagster_project.schemes.answers import known_answers
from dagster_project.schemes.closed import Closed

OFFERS = "staging.stg_crm__competitor_offer"
PROMISES = "policy.service_promise"
OFFER_COLUMNS = (
    *("offer_id", "competitor", "market", "segment_code", "element", "offer_value"),
    *("observed_date", "confidence", "expires_date"),
)
PROMISE_COLUMNS = (
    *("scheme_id", "segment_code", "product_class", "customer_id", "element", "target"),
    *("basis", "valid_from", "valid_to"),
)
LESS_IS_MORE = frozenset({"LEAD_TIME_DAYS", "MOQ", "CLAIM_RESPONSE_H", "DELIVERY_WINDOW_H"})
ASKED = {
    "LEAD_TIME_DAYS": "EXP_LEAD_TIME",
    "UNIT_FILL_RATE": "EXP_FILL_RATE",
    "LINE_FILL_RATE": "EXP_FILL_RATE",
    "OTIF": "EXP_ON_TIME",
    "ORDER_ACCURACY": "EXP_ACCURACY",
}
"""Question of the surveys that tells how important an element is."""


def competition_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on, besides attainment."""
    answers = ("response_id", "item_id", "importance")
    return (
        Read(OFFERS, OFFER_COLUMNS),
        Read(PROMISES, PROMISE_COLUMNS),
        Read(
            "intermediate.int_scheme__answer",
            answers,
            (("submitted_date", closed.end), ("known_at", closed.known_at)),
        ),
    )


def competition_table(
    tables: Tables, closed: Closed, settings: Settings, series: Mapping[Key, Series]
) -> pa.Table:
    """Return element, segment and market with our place in it; empty without an offer."""
    offers = list(tables.read(OFFERS, OFFER_COLUMNS).to_pylist())
    if not offers:
        return table_of("competitive_position", [])
    promises = list(tables.read(PROMISES, PROMISE_COLUMNS).to_pylist())
    codes = {row["segment_code"] for row in promises if row["segment_code"] != EVERYBODY}
    scheme = min((row["scheme_id"] for row in promises), default="service")
    importance = _importance(tables, closed)
    oldest = closed.before(settings.competitor_expiry_months - 1)
    months = closed_months(closed, settings.claim_months)
    cells = {
        (row["element"], code, row["market"])
        for row in offers
        for code in (codes if row["segment_code"] == EVERYBODY else {row["segment_code"]})
    }
    rows: list[dict[str, Any]] = []
    for element, code, market in sorted(cells):
        own = [
            Offer(
                row["competitor"],
                float(row["offer_value"]),
                row["confidence"],
                row["observed_date"],
                row["expires_date"],
            )
            for row in sorted(offers, key=lambda one: one["offer_id"])
            if row["element"] == element
            and row["segment_code"] in (code, EVERYBODY)
            and row["market"] in (market, EVERYBODY)
        ]
        less = element in LESS_IS_MORE
        found = market_of(own, closed.end, oldest, less)
        promised = _promised(promises, element, code, closed)
        target = float(promised["target"]) if promised else None
        measured = None
        if promised:
            key = (element, promised["basis"], f"{promised['scheme_id']}:{code}")
            recent = last_values(series.get(key), months)
            measured = float(np.mean(recent)) if recent else None
        weight = importance.get(ASKED.get(element, ""))
        place = position(target, found.median, less)
        is_decisive = weight is not None and weight >= settings.importance_high
        rows.append(
            {
                "as_of_month": closed.start,
                "element": element,
                "segment_key": f"{scheme}:{code}",
                "market": market,
                "promised_value": target,
                "measured_value": measured,
                "market_median": found.median,
                "market_best": found.best,
                "competitors_count": found.competitors,
                "offers_counted": found.counted,
                "offers_grey": found.grey,
                "promise_position": place,
                "measured_position": position(measured, found.median, less),
                "gap_value": _gap(target, found.median, less),
                "importance": weight,
                "is_alert": place == "WEAKER" and is_decisive,
            }
        )
    return table_of("competitive_position", rows)


def _gap(ours: float | None, market: float | None, less_is_more: bool) -> float | None:
    if ours is None or market is None:
        return None
    return market - ours if less_is_more else ours - market


def _promised(
    promises: list[dict[str, Any]], element: str, code: str, closed: Closed
) -> dict[str, Any] | None:
    """The general promise of a tier on the last day of the month, else that of everybody."""
    for wanted in (code, EVERYBODY):
        for row in promises:
            holds = row["valid_from"] <= closed.end and (
                row["valid_to"] is None or closed.end < row["valid_to"]
            )
            is_general = not row["product_class"] and not row["customer_id"]
            if holds and is_general and (row["element"], row["segment_code"]) == (element, wanted):
                return row
    return None


def _importance(tables: Tables, closed: Closed) -> dict[str, float]:
    """Mean importance by question."""
    found: dict[str, list[float]] = {}
    for row in known_answers(tables, closed).to_pylist():
        if row["importance"] is not None:
            found.setdefault(row["item_id"], []).append(float(row["importance"]))
    return {name: float(np.mean(values)) for name, values in found.items()}
