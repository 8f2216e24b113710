"""The chart of individuals gives the published limits of two published series.

NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2 (flow rates of ten batches); SAS/QC User's
Guide, IRCHART statement, data set Jets (shwir1).
"""

import numpy as np
import pytest

from dagster_project.monitoring.charts import natural_limits, signals

NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
JETS = [78.4, 80.1, 84.4, 79.1, 80.4, 83.5, 73.8, 83.5, 75.0, 76.8]
JETS += [70.5, 80.3, 82.4, 79.4, 86.4, 90.5, 77.7, 82.5, 79.9, 83.2]


def test_flow_rates_of_the_nist_handbook():
    found = natural_limits(NIST, scale=3 / 1.128)
    assert found.mean == pytest.approx(50.81)
    assert found.average_range == pytest.approx(1.8778, abs=5e-5)
    assert found.upper == pytest.approx(55.8041, abs=5e-5)
    assert found.lower == pytest.approx(45.8159, abs=5e-5)


def test_jets_of_the_sas_guide_with_its_exact_scale_and_with_the_rounded_one():
    d2 = 2 / np.sqrt(np.pi)
    exact, rounded = natural_limits(JETS, scale=3 / d2), natural_limits(JETS)
    assert exact.mean == pytest.approx(80.390)
    assert exact.average_range == pytest.approx(5.32632, abs=5e-6)
    assert exact.average_range / d2 == pytest.approx(4.7203, abs=1e-4)
    assert (exact.upper, exact.lower) == pytest.approx((94.551, 66.229), abs=5e-4)
    assert (rounded.upper, rounded.lower) == pytest.approx((94.558, 66.222), abs=5e-4)
    assert rounded.range_limit == pytest.approx(17.401, abs=5e-4)


def test_no_jet_and_no_batch_is_a_signal():
    assert set(signals(JETS, natural_limits(JETS))) == {None}
    assert np.all(np.array(NIST) < natural_limits(NIST).upper)
