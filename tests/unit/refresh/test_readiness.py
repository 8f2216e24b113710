"""A cycle starts when its feeds are in, waits for them, and at the deadline says who is late."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dagster_project.refresh.calendar import Due, load_cycles
from dagster_project.refresh.readiness import Verdict, judge
from dagster_project.settings import SEEDS_DIR

DAILY = load_cycles(SEEDS_DIR / "policy" / "refresh_calendar.csv")[0]
DUE = Due(DAILY, date(2026, 1, 15), "2026-01-15")
CUTOFF = datetime(2026, 1, 15, 5, tzinfo=UTC)
IN = CUTOFF + timedelta(minutes=1)
LATE = CUTOFF - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "order_mark", "verdict", "behind"),
    [
        (CUTOFF - timedelta(minutes=1), IN, Verdict.TOO_EARLY, ()),
        (CUTOFF, CUTOFF, Verdict.START, ()),
        (CUTOFF, LATE, Verdict.WAIT, ("erp.order",)),
        (CUTOFF + timedelta(minutes=179), LATE, Verdict.WAIT, ("erp.order",)),
        (CUTOFF + timedelta(minutes=180), LATE, Verdict.START_DEGRADED, ("erp.order",)),
        (CUTOFF + timedelta(minutes=180), IN, Verdict.START, ()),
        (CUTOFF + timedelta(hours=9), None, Verdict.START_DEGRADED, ("erp.order",)),
    ],
)
def test_verdict(now, order_mark, verdict, behind):
    found = judge(DUE, {"erp.order": order_mark, "wms.shipment": IN}, now)
    assert found.verdict is verdict
    assert found.feeds_behind == behind
    assert found.is_degraded == (verdict is Verdict.START_DEGRADED)
    assert all(feed in found.sentence for feed in behind)
