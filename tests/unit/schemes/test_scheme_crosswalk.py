"""Where customers stand in two schemes or at two dates, and who goes to and fro."""

from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest
from unit.segmentation.segment_warehouse import COUNT, warehouse

from dagster_project.analytics.tables import MemoryTables
from dagster_project.errors import UsageError
from dagster_project.schemes.crosswalk import (
    ABSENT,
    cross,
    flip_flop_share,
    flip_flops,
    segments_on,
)
from dagster_project.segmentation.run import run_segmentation

OPEN = datetime(9999, 12, 31)


def believed(*rows):
    names = ("entity_id", "segment_code", "valid_from", "valid_to", "recorded_from", "recorded_to")
    facts = [dict(zip(names, row, strict=True)) | {"scheme_id": "service"} for row in rows]
    return MemoryTables({"analytics.segment_assignment": pa.Table.from_pylist(facts)})


def test_segment_of_a_day_is_the_one_believed_then():
    first, second = datetime(2024, 1, 6), datetime(2024, 3, 6)
    tables = believed(
        ("C1", "S1", date(2024, 1, 1), date(9999, 12, 31), first, second),
        ("C1", "S1", date(2024, 1, 1), date(2024, 2, 1), second, OPEN),
        ("C1", "S2", date(2024, 2, 1), date(9999, 12, 31), second, OPEN),
    )
    day = date(2024, 2, 15)
    assert segments_on(tables, "service", day) == {"C1": "S2"}
    assert segments_on(tables, "service", day, known_on=date(2024, 3, 5)) == {"C1": "S1"}
    assert segments_on(tables, "service", day, known_on=date(2024, 3, 6)) == {"C1": "S2"}
    assert segments_on(tables, "service", date(2023, 12, 31)) == {}


def test_unknown_scheme_is_named():
    tables = believed(("C1", "S1", date(2024, 1, 1), date(9999, 12, 31), OPEN, OPEN))
    with pytest.raises(UsageError, match="no scheme network"):
        segments_on(tables, "network", date(2024, 1, 1))


def test_row_sums_of_a_crosswalk_are_the_customers_also_those_on_one_side_only():
    found = cross({"C1": "S1", "C2": "S1", "C3": "S2"}, {"C1": "A", "C2": "B", "C4": "B"})
    sums = dict(zip(found.table.rows, found.table.counts.sum(axis=1).tolist(), strict=True))
    assert sums == {"S1": 2, "S2": 1, ABSENT: 1}
    assert found.entities == 4


def test_two_dates_of_one_scheme_give_a_transition_matrix_over_all_customers():
    tables = warehouse()
    run_segmentation(tables, "2024-12-31")
    earlier = segments_on(tables, "service", date(2024, 1, 31))
    later = segments_on(tables, "service", date(2024, 12, 31))
    found = cross(earlier, later)
    assert found.entities == COUNT
    assert found.table.counts.sum() == COUNT
    assert np.nansum(found.shares, axis=1) == pytest.approx(np.ones(len(found.table.rows)))
    assert found.changed == sum(earlier[entity] != later[entity] for entity in earlier)
    assert cross(later, later).adjusted_rand == 1.0


def test_there_and_back_within_six_months_is_a_flip_flop_and_after_seven_is_not():
    entity = np.array([1, 2, 1, 2, 3, 3])
    month = np.array([1, 1, 7, 8, 1, 2])
    before = ["S2", "S2", "S1", "S1", "S2", "S1"]
    after = ["S1", "S1", "S2", "S2", "S1", "S3"]
    marks = flip_flops(entity, month, before, after)
    assert marks.tolist() == [False, False, True, False, False, False]
    assert flip_flop_share(entity, marks, 4) == 0.25
    assert flip_flop_share(entity, marks, 0) == 0.0
