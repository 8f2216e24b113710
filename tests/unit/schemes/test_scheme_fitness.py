"""A scheme is as fit as it separates customers in what it is for."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from unit.segmentation.segment_cases import policy_rows

from dagster_project.analytics.tables import MemoryTables
from dagster_project.errors import RedError
from dagster_project.schemes.fitness import (
    Fitness,
    check_active,
    fitness_of,
    fittest,
    read_outcome,
    variance_explained,
)

# NIST StRD, one-way analysis of variance, data set SiRstv: five instruments, five readings each.
SIRSTV = [
    [196.3052, 196.1240, 196.1890, 196.2569, 196.3403],
    [196.3042, 196.3825, 196.1669, 196.3257, 196.0422],
    [196.1303, 196.2005, 196.2889, 196.0343, 196.1811],
    [196.2795, 196.1748, 196.1494, 196.1485, 195.9885],
    [196.2119, 196.1051, 196.1850, 196.0052, 196.2090],
]


def readings():
    names = [str(k) for k, row in enumerate(SIRSTV) for _ in row]
    return names, np.array(SIRSTV).ravel()


def test_share_explained_is_the_certified_one_of_nist():
    """Certified R-squared 1.90999039051129E-01; residual and total give the adjusted one."""
    found = variance_explained(*readings())
    assert found.eta_squared == pytest.approx(1.90999039051129e-01, abs=1e-10)
    assert found.adjusted == pytest.approx(1 - (1 - 0.190999039051129) * 24 / 20, abs=1e-10)
    assert (found.entities, found.segments) == (25, 5)


def test_order_and_unknown_outcomes_change_nothing():
    names, values = readings()
    turn = np.random.default_rng(1).permutation(25)
    mixed = variance_explained([names[k] for k in turn] + ["0"], np.append(values[turn], np.nan))
    assert mixed.eta_squared == pytest.approx(variance_explained(names, values).eta_squared)
    assert mixed.entities == 25


def test_segments_that_are_the_outcome_explain_all_and_shuffled_ones_nothing():
    random = np.random.default_rng(2)
    need = random.integers(1, 5, 2000).astype(float)
    segments = need.astype(str)
    assert variance_explained(segments.tolist(), need).adjusted == pytest.approx(1.0)
    shuffled = variance_explained(random.permutation(segments).tolist(), need)
    assert shuffled.adjusted == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(
    ("segments", "outcome"),
    [
        pytest.param(["A", "A", "A"], [1.0, 2.0, 3.0], id="one segment"),
        pytest.param(["A", "B", "C"], [1.0, 2.0, 3.0], id="each customer a segment"),
        pytest.param(["A", "A", "B"], [5.0, 5.0, 5.0], id="outcome does not vary"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_what_the_data_cannot_tell_is_none_with_a_reason(segments, outcome):
    found = variance_explained(segments, np.array(outcome))
    assert found.eta_squared is None
    assert found.why_none


def test_scheme_with_the_highest_adjusted_value_is_the_fittest():
    many, few = Fitness(0.52, 0.40, 100, 20), Fitness(0.50, 0.49, 100, 3)
    unknown = Fitness(None, None, 0, 0, "nobody")
    assert fittest({"many": many, "few": few, "unknown": unknown}) == "few"
    assert fittest({"unknown": unknown}) is None


def test_second_active_scheme_for_one_purpose_is_refused():
    (row,), *_ = policy_rows()
    check_active([row, row | {"scheme_id": "other", "status": "DRAFT"}])
    check_active([row, row | {"scheme_id": "other", "purpose": "NETWORK_DESIGN"}])
    with pytest.raises(RedError, match="SERVICE_DIFFERENTIATION would have 2 active") as caught:
        check_active([row, row | {"scheme_id": "other"}])
    assert "other, service" in caught.value.why


def test_outcome_of_each_purpose_is_read_from_the_marts():
    day = datetime(2024, 1, 1)
    tables = MemoryTables(
        {
            "marts.mart_demand_class": pa.table(
                {"entity_id": ["C1", "C1", "C2"], "cv2": [0.2, 0.4, None]}
            ),
            "marts.fct_order_line": pa.table(
                {
                    "entity_id": ["C1", "C1", "C2"],
                    "ordered_at": [day, day, day],
                    "due_req_at": [datetime(2024, 1, 3), datetime(2024, 1, 6), None],
                }
            ),
            "marts.fct_shipment_line": pa.table(
                {
                    "entity_id": ["C1", "C1", "C1", "C2"],
                    "shipment_id": ["H1", "H1", "H2", "H3"],
                    "to_site_id": ["T1", "T1", "T1", None],
                }
            ),
        }
    )
    assert read_outcome(tables, "DEMAND_PLANNING") == pytest.approx({"C1": 0.3})
    assert read_outcome(tables, "SERVICE_DIFFERENTIATION") == pytest.approx({"C1": 3.5})
    assert read_outcome(tables, "NETWORK_DESIGN") == {"C1": 2.0}
    assert fitness_of({"C1": "S1", "C2": "S2"}, {"C1": 2.0}).eta_squared is None
