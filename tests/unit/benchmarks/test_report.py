"""The bench says of each day that follows whether it meets the target, and of the whole build."""

import pytest

from benchmarks.report import DAY_SHARE, verdicts


def _facts(full: float, bare: float, **days: float) -> dict:
    def run(seconds: float) -> dict:
        return {"seconds": seconds, "peak_mib": 1000 + seconds}

    return {
        "size": "M",
        "full": run(full),
        "bare": {"seconds": bare},
        "days": {name: run(seconds) for name, seconds in days.items()},
    }


@pytest.mark.parametrize(("seconds", "is_met"), [(15, True), (15.1, False)])
def test_a_day_is_held_against_its_share_of_the_full_build(seconds, is_met):
    found = {row["target"]: row for row in verdicts(_facts(100, 50, ordinary=3, closing=seconds))}
    assert found["one more day, closing"]["met"] is is_met
    assert found["one more day, ordinary"]["met"]
    assert found["one more day, closing"]["limit"] == f"<= {DAY_SHARE:.0%}"


@pytest.mark.parametrize(("full", "is_met"), [(115, True), (115.1, False)])
def test_a_full_build_is_held_against_its_sql_alone(full, is_met):
    found = {row["target"]: row for row in verdicts(_facts(full, 50, ordinary=3))}
    assert found["full build"]["met"] is is_met


def test_the_peak_is_that_of_the_largest_process():
    found = {row["target"]: row for row in verdicts(_facts(100, 50, ordinary=3100))}
    assert not found["peak memory"]["met"]
    assert found["peak memory"]["measured"] == "4,100 MiB"
