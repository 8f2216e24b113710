"""Which rows each analysis of schemes depends on, up to which bound.

Rows beyond a bound belong to months that are not judged yet. An analysis whose rows are unchanged
is not made again.
"""

from dataclasses import dataclass
from datetime import date, datetime

from dagster_project.schemes import answers, exposure_tables, fit, perception_tables
from dagster_project.schemes import commercial_tables as commercial
from dagster_project.schemes.closed import Closed
from dagster_project.segmentation.attributes import MEASURES

CONTRACT_COLUMNS = (
    *("entity_id", "contract_id", "version", "tier_floor", "start_date", "end_date"),
    "known_date",
)
"""Not until when a version is known: the one that ends it is a row of its own."""
SIGNOFF_COLUMNS = ("seq", "role", "scheme_id", "scheme_version", "verdict")


@dataclass(frozen=True)
class Read:
    """Rows that an analysis depends on: those whose ``until`` columns are not beyond a bound."""

    relation: str
    columns: tuple[str, ...]
    until: tuple[tuple[str, date | datetime], ...] = ()


def month_rows(closed: Closed) -> Read:
    """What customers ordered and were invoiced by month, as far as it was known."""
    columns = ("entity_id", "activity_month", "known_month", "first_order_date", "last_order_date")
    bound = (("activity_month", closed.start), ("known_month", closed.start))
    return Read("intermediate.int_customer__month", (*columns, *MEASURES), bound)


def entity_rows(closed: Closed) -> Read:
    """Customers that existed by the end of the month."""
    columns = ("entity_id", "created_date", "start_date", "is_excluded", "exclusion_reason")
    return Read("intermediate.int_segment__entity", columns, (("start_date", closed.end),))


def said_rows(closed: Closed) -> tuple[Read, ...]:
    """What contracts and people said by the evaluation."""
    known = (("known_date", closed.evaluated_at.date()),)
    taken = (("decided_at", closed.evaluated_at),)
    requests = ("request_id", "scheme_id", "entity_id", "to_segment", "effective_date")
    return (
        Read("intermediate.int_segment__contract", CONTRACT_COLUMNS, known),
        Read("staging.stg_decisions__segment_request", ("seq", *requests, "holds_until"), taken),
        Read("staging.stg_decisions__segment_request_verdict", ("seq", "outcome"), taken),
        Read("staging.stg_decisions__delegation", ("seq", "delegate"), taken),
    )


def order_rows(closed: Closed) -> Read:
    """Orders up to the end of the month."""
    bound = (("known_at", closed.known_at), ("ordered_date", closed.end))
    return Read("intermediate.int_order__header", fit.ORDER_COLUMNS, bound)


def site_rows() -> Read:
    """Places."""
    return Read("intermediate.int_customer__site", ("site_id", "site_type", "country"))


def segment_rows(closed: Closed) -> Read:
    """Beliefs about segments at the evaluation."""
    columns = ("scheme_id", "entity_id", "segment_code", "valid_from", "valid_to", "recorded_from")
    bound = (("recorded_from", closed.evaluated_at),)
    return Read("analytics.segment_assignment", columns, bound)


def commercial_rows(closed: Closed) -> tuple[Read, ...]:
    """Contracts, incentives and what they are compared with."""
    by_start = (("start_date", closed.end),)
    return (
        segment_rows(closed),
        Read("intermediate.int_customer__party", ("entity_id", "is_key_account")),
        Read("intermediate.int_calendar__fiscal_period", commercial.PERIOD_COLUMNS, by_start),
        Read(
            "intermediate.int_value__contract",
            commercial.VALUE_COLUMNS,
            (("rate_month", closed.start),),
        ),
        Read("intermediate.int_scheme__contract", commercial.CONTRACT_COLUMNS, by_start),
        Read("intermediate.int_scheme__incentive", commercial.INCENTIVE_COLUMNS, by_start),
    )


def party_rows() -> Read:
    """Families, buying groups and regions."""
    return Read("intermediate.int_customer__party", exposure_tables.PARTY_COLUMNS)


def answer_rows(closed: Closed) -> Read:
    """Answers to surveys."""
    bound = (("submitted_date", closed.end), ("known_at", closed.known_at))
    return Read("intermediate.int_scheme__answer", answers.ANSWER_COLUMNS, bound)


def exposure_rows(closed: Closed) -> tuple[Read, ...]:
    """Where customers meet."""
    places = Read("intermediate.int_customer__site", exposure_tables.PLACE_COLUMNS)
    return segment_rows(closed), party_rows(), places


def impact_rows(closed: Closed) -> tuple[Read, ...]:
    """What can have changed with a tier."""
    complaints = Read(
        "intermediate.int_scheme__complaint",
        perception_tables.COMPLAINT_COLUMNS,
        (("opened_month", closed.start),),
    )
    return (
        month_rows(closed),
        entity_rows(closed),
        segment_rows(closed),
        party_rows(),
        answer_rows(closed),
        complaints,
    )


def fit_rows(closed: Closed) -> tuple[Read, ...]:
    """Codes and outcomes of all schemes."""
    return (
        Read("intermediate.int_scheme__signoff", SIGNOFF_COLUMNS),
        Read(
            "intermediate.int_demand__series", fit.SERIES_COLUMNS, (("demand_month", closed.start),)
        ),
        Read(
            "intermediate.int_shipment__freight_charge",
            fit.CHARGE_COLUMNS,
            (("known_at", closed.known_at),),
        ),
        segment_rows(closed),
    )
