"""Croston's golden series: forecasts, measures and class as published.

The series and Croston's value are those of sktime's ``test_croston.py``; SBA and SBJ are their
factors times it. The TSB values pin the initialisation of statsforecast 2.1.1, because packages
differ in it. ADI 13/4 and CV2 (n - 1) follow from the definitions of Syntetos, Boylan and Croston
(2005); the limits 1.32 and 0.49 belong to the upper class as in the m5 code.
"""

import pytest

from dagster_project.demand.classes import classes
from dagster_project.demand.croston import croston, sba, sbj, tsb
from dagster_project.demand.series import DemandSeries

GOLDEN = DemandSeries.of([[0, 0, 2, 7, 0, 0, 0, 5, 0, 0, 0, 0, 3]])


@pytest.mark.parametrize(
    ("method", "expected"),
    [(croston, 0.8871483375959078), (sba, 0.8427909207161124), (sbj, 0.8404563198277021)],
)
def test_forecast_of_the_golden_series(method, expected):
    assert method(GOLDEN, 0.1)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("alpha", "expected"), [(0.1, 0.64562843), (0.2, 1.04199655)])
def test_tsb_begins_as_statsforecast_does(alpha, expected):
    assert tsb(GOLDEN, alpha, alpha)[0] == pytest.approx(expected, abs=5e-9)


def test_measures_and_class_of_the_golden_series():
    found = classes(GOLDEN)
    assert found.measures.adi[0] == 3.25
    assert found.measures.cv2[0] == pytest.approx(0.2722029988, abs=5e-11)
    assert found.measures.cv2[0] * 3 / 4 == pytest.approx(0.2041522491, abs=5e-11)
    assert found.demand_class[0] == "INTERMITTENT"
