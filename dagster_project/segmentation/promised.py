"""Contract floors, parents, calendars and closed periods, from intermediate tables.

Each is an optional feed: an empty table says nothing and changes nothing.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.errors import UsageError
from dagster_project.reclassification.effective import NEVER, Calendar
from dagster_project.reclassification.scope import Words
from dagster_project.reclassification.vocabulary import GIVEN_ATTRIBUTES, TEXT
from dagster_project.segmentation.assignments import OPEN_DAY
from dagster_project.segmentation.columns import day_numbers, whole
from dagster_project.segmentation.history import Family
from dagster_project.segmentation.policy import RULE_FILE, Scheme
from dagster_project.segmentation.scores import FloatArray, IntArray
from dagster_project.segmentation.told import Promises

INPUTS = ("int_segment__contract", "int_segment__happening", "int_calendar__fiscal_period")
HAPPENINGS = ("SPLIT", "CREDIT_HOLD")
"""Kinds of event that ``int_segment__happening`` tells of."""
TRAITS = ("account_group", "channel", "country_code", "is_key_account")
"""Columns of ``int_segment__entity`` that rules may name."""

_CONTRACT, _PERIOD = (
    "intermediate.int_segment__contract",
    "intermediate.int_calendar__fiscal_period",
)
_YEARS = (1990, 2100)
_FORMER = "former_parent_entity_id"
_HAPPENING = "intermediate.int_segment__happening"


def promises_of(
    tables: Tables, scheme: Scheme, entity_ids: list[str]
) -> tuple[Promises, list[str]]:
    """Return the contracts of known entities, and those whose floor is no tier of the scheme."""
    if not tables.has(_CONTRACT):
        return Promises(), []
    table = tables.read(_CONTRACT).sort_by([("contract_id", "ascending"), ("version", "ascending")])
    place = pc.index_in(_text(table, "entity_id"), pa.array(entity_ids, pa.string()))
    table = table.append_column("place", place).filter(pc.is_valid(place))
    tiers = scheme.segments.tiers
    tier = whole(pc.index_in(_text(table, "tier_floor"), pa.array(tiers, pa.string())), -1)
    names = table["contract_id"].to_pylist()
    has_floor = pc.is_valid(table["tier_floor"]).to_numpy(zero_copy_only=False)
    strange = sorted({names[k] for k in np.flatnonzero(has_floor & (tier < 0)).tolist()})
    return Promises(
        names,
        whole(table["place"]),
        tier,
        day_numbers(table["known_date"], 0),
        day_numbers(table["known_until_date"], OPEN_DAY),
        day_numbers(table["start_date"], 0),
        day_numbers(table["end_date"], OPEN_DAY),
    ), strange


def _text(table: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of text; engines differ in how wide they make it."""
    return table[name].cast(pa.string())


def family_of(table: pa.Table) -> Family:
    """Return who belongs to whom, and since when.

    Args:
        table: ``int_segment__entity``, ordered by entity.
    """
    parent, former = (_places(table, name) for name in ("parent_entity_id", _FORMER))
    has_any = bool((parent >= 0).any() or (former >= 0).any())
    return Family(
        parent if has_any else None,
        former if has_any else None,
        _days_or_none(table, "family_since_date", NEVER),
        _days_or_none(table, "dissolved_date", OPEN_DAY),
        # A decision is known at the end of its day.
        _days_or_none(table, "merged_date", OPEN_DAY - 1, 1),
        _places(table, "merged_into_entity_id"),
    )


def _places(table: pa.Table, name: str) -> IntArray:
    """Position of the entity that a column names, -1 for none."""
    if name not in table.column_names:
        return np.full(table.num_rows, -1, dtype=np.int64)
    known = _text(table, "entity_id").combine_chunks()
    return whole(pc.index_in(_text(table, name), known), -1)


def _days_or_none(table: pa.Table, name: str, when_null: int, later: int = 0) -> IntArray | None:
    """A column of dates, some days later; none where it is missing or empty."""
    if name not in table.column_names or table[name].null_count == table.num_rows:
        return None
    return day_numbers(table[name], when_null) + later


def traits_of(table: pa.Table) -> Mapping[str, FloatArray | Words]:
    """Return what rules may ask about an entity, by attribute.

    Args:
        table: ``int_segment__entity``, ordered by entity.
    """
    found: dict[str, FloatArray | Words] = {}
    for name in TRAITS:
        if name not in table.column_names:
            continue
        if GIVEN_ATTRIBUTES[name] == TEXT:
            words = pc.unique(_text(table, name)).drop_null().sort()
            found[name] = Words(
                whole(pc.index_in(_text(table, name), words), -1), tuple(words.to_pylist())
            )
        else:
            found[name] = pc.fill_null(table[name].cast(pa.float64()), np.nan).to_numpy()
    return found


def happened_of(
    tables: Tables, scheme: Scheme, entity_ids: list[str]
) -> dict[str, tuple[IntArray, IntArray]]:
    """Return entities and days of the events that rules of the scheme wait for, by kind.

    What happens in the course of a day is known at its end.
    """
    kinds = sorted({rule.trigger_event for rule in scheme.rule_set.rules} & set(HAPPENINGS))
    if not kinds or not tables.has(_HAPPENING):
        return {}
    table = tables.read(_HAPPENING).sort_by(
        [("event_date", "ascending"), ("entity_id", "ascending")]
    )
    place = whole(pc.index_in(_text(table, "entity_id"), pa.array(entity_ids, pa.string())), -1)
    day = day_numbers(table["event_date"], NEVER) + 1
    found = {}
    for kind in kinds:
        chosen = pc.equal(_text(table, "event_kind"), kind).to_numpy() & (place >= 0)
        found[kind] = (place[chosen], day[chosen])
    return found


def calendar_of(tables: Tables) -> tuple[Calendar, IntArray, IntArray]:
    """Return the fiscal calendar, and moment and end of each closed period.

    Of several calendars the first by name counts; where it says nothing, periods are months.
    """
    months = Calendar.of_months(*_YEARS)
    if not tables.has(_PERIOD):
        return months, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    table = tables.read(_PERIOD).sort_by(
        [("calendar_id", "ascending"), ("start_date", "ascending")]
    )
    closed = table.filter(
        pc.and_(pc.equal(table["status"], "CLOSED"), pc.is_valid(table["closed_at"]))
    )
    # A period that is closed in the course of a day is closed at its end.
    moments = day_numbers(closed["closed_at"], 0) + 1
    ends = day_numbers(closed["end_date"], NEVER)
    if not table.num_rows:
        return months, moments, ends
    own = table.filter(pc.equal(table["calendar_id"], table["calendar_id"][0]))
    starts, after = day_numbers(own["start_date"], 0), day_numbers(own["end_date"], 0)
    year = whole(own["fiscal_year"])
    opens_quarter = np.append(True, np.diff(whole(own["quarter_no"]) + 4 * year) != 0)
    opens_year = np.append(True, np.diff(year) != 0)
    calendar = Calendar(
        _around(months.period_starts, starts, after),
        _around(months.quarter_starts, starts[opens_quarter], after),
        _around(months.year_starts, starts[opens_year], after),
    )
    return calendar, moments, ends


def check_periods(scheme: Scheme, period_starts: IntArray) -> None:
    """Refuse windows in fiscal periods where these are no calendar months.

    Args:
        scheme: The scheme.
        period_starts: First days of the fiscal periods, as day numbers.

    Raises:
        UsageError: A rule measures in fiscal periods that cannot be cut from months.
    """
    days = period_starts.astype("datetime64[D]")
    if (days == days.astype("datetime64[M]").astype("datetime64[D]")).all():
        return
    for rule in scheme.rule_set.rules:
        if rule.status == "ACTIVE" and rule.metric_id and rule.window.unit == "FISCAL_PERIOD":
            raise UsageError(
                "The rules are not usable.",
                f"{RULE_FILE}, rule {rule.rule_id}, column window_unit: metrics are kept by"
                " calendar month, and the fiscal periods of the company are no months.",
                "Write the window in MONTH.",
            )


def _around(months: IntArray, starts: IntArray, after: IntArray) -> IntArray:
    """The delivered starts, with months before the first and after the last."""
    known = (months < starts[0]) | (months >= after[-1])
    return np.unique(np.concatenate([months[known], starts]))
