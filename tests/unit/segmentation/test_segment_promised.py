"""Contracts, calendars, parents and traits are taken from tables as they are, and optional."""

from datetime import date, datetime

import numpy as np
import pyarrow as pa
from segment_cases import default_scheme, text

from dagster_project.analytics.tables import MemoryTables
from dagster_project.reclassification.effective import NEVER, effective_day, parse_policy
from dagster_project.segmentation.assignments import OPEN_DAY
from dagster_project.segmentation.promised import (
    calendar_of,
    family_of,
    promises_of,
    traits_of,
)
from dagster_project.segmentation.told import Told

DAY = date(2025, 1, 1)


def contract(contract_id, entity, tier, version=1, until=None, end=None):
    return {
        "contract_id": contract_id,
        "version": version,
        "entity_id": entity,
        "tier_floor": tier,
        "known_date": DAY,
        "known_until_date": until,
        "start_date": DAY,
        "end_date": end,
    }


def promised(*rows):
    schema = pa.schema(
        [(name, pa.string()) for name in ("contract_id", "entity_id", "tier_floor")]
        + [("version", pa.int64())]
        + [(f"{name}_date", pa.date32()) for name in ("known", "known_until", "start", "end")]
    )
    table = pa.Table.from_pylist(list(rows), schema=schema)
    tables = MemoryTables({"intermediate.int_segment__contract": table})
    return promises_of(tables, default_scheme(), ["E1", "E2"])


def test_contracts_of_known_entities_are_taken_and_open_ends_stay_open():
    found, strange = promised(
        contract("B", "E2", "S3", end=date(2025, 6, 1)),
        contract("A", "E1", "S2", version=2),
        contract("A", "E1", None, until=date(2025, 2, 1)),
        contract("C", "nobody", "S1"),
    )
    assert found.name == ["A", "A", "B"]
    assert found.entity.tolist() == [0, 0, 1]
    assert found.tier.tolist() == [-1, 1, 2]
    assert found.known_until.tolist()[1:] == [OPEN_DAY, OPEN_DAY]
    assert [text(day) for day in found.last_day[[0, 2]]] == ["2025-02-01", "2025-06-01"]
    assert strange == []


def test_floor_that_is_no_tier_of_the_scheme_is_listed_and_promises_nothing():
    found, strange = promised(contract("A", "E1", "Gold"), contract("B", "E1", "D0"))
    assert found.tier.tolist() == [-1, -1]
    assert strange == ["A", "B"]


def period(calendar, number, first, end, closed=None):
    return {
        "calendar_id": calendar,
        "fiscal_year": 2025,
        "quarter_no": (number + 2) // 3,
        "start_date": first,
        "end_date": end,
        "status": "CLOSED" if closed else "OPEN",
        "closed_at": closed,
    }


def test_moves_wait_for_the_fiscal_periods_of_the_first_calendar_and_for_months_beyond_it():
    rows = [
        period("WEEKS", 1, date(2025, 1, 26), date(2025, 2, 23), datetime(2025, 3, 3, 18)),
        period("WEEKS", 2, date(2025, 2, 23), date(2025, 3, 23)),
        period("YEARS", 1, date(2025, 1, 1), date(2026, 1, 1)),
    ]
    tables = MemoryTables({"intermediate.int_calendar__fiscal_period": pa.Table.from_pylist(rows)})
    calendar, moments, ends = calendar_of(tables)

    def following(day):
        decided = (date.fromisoformat(day) - date(1970, 1, 1)).days
        steps = parse_policy("NEXT_FISCAL_PERIOD")
        return text(effective_day(steps, 0, decided, calendar, np.array([NEVER]))[0])

    assert following("2025-02-03") == "2025-02-23"
    assert following("2025-05-02") == "2025-06-01"
    told = Told(closed_moment=moments, closed_until=ends)
    first = (date(2025, 3, 4) - date(1970, 1, 1)).days
    # Closed in the evening of 3 March: from the end of that day on.
    assert told.open_from(first - 1) == NEVER
    assert text(told.open_from(first)) == "2025-02-23"


def test_company_without_a_calendar_moves_by_months():
    calendar, moments, _ = calendar_of(MemoryTables())
    assert len(moments) == 0
    assert text(calendar.period_starts[0])[5:] == "01-01"


def test_parent_is_a_place_among_the_entities_and_absent_where_nobody_has_one():
    table = pa.table({"entity_id": ["A", "B", "C"], "parent_entity_id": [None, "A", "gone"]})
    assert family_of(table).parent_on(0).tolist() == [-1, 0, -1]
    nobody = pa.table({"entity_id": ["A"], "parent_entity_id": pa.array([None], pa.string())})
    assert family_of(nobody).parent_on(0) is None
    assert not family_of(nobody).has_parents


def test_parent_is_the_one_of_the_day():
    table = pa.table(
        {
            "entity_id": ["A", "B", "C"],
            "parent_entity_id": ["C", None, None],
            "former_parent_entity_id": ["B", None, None],
            "family_since_date": pa.array([100, None, None], pa.int32()).cast(pa.date32()),
            "dissolved_date": pa.array([None, 100, None], pa.int32()).cast(pa.date32()),
        }
    )
    family = family_of(table)
    assert family.parent_on(99).tolist() == [1, -1, -1]
    assert family.parent_on(100).tolist() == [2, -1, -1]
    assert family.lives(99, 3).tolist() == [True, True, True]
    assert family.lives(100, 3).tolist() == [True, False, True]


def test_traits_are_codes_of_words_and_numbers_with_gaps():
    table = pa.table(
        {
            "entity_id": ["A", "B", "C"],
            "channel": ["WEB", None, "DESK"],
            "is_key_account": [1, 0, None],
        }
    )
    found = traits_of(table)
    assert found["channel"].words == ("DESK", "WEB")
    assert found["channel"].codes.tolist() == [1, -1, 0]
    assert found["is_key_account"][:2].tolist() == [1, 0]
    assert found["is_key_account"][2] != found["is_key_account"][2]
