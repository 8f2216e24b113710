"""The marts in SQL and the functions in Python say the same of the same customers."""

import pytest
import yaml

from dagster_project.settings import DBT_DIR
from dagster_project.value.ratios import ratio
from dagster_project.value.whale import profit_score, whale_curve

MODEL = DBT_DIR / "models" / "marts" / "profiling" / "mart_whale_curve.yml"


def cases() -> list[dict]:
    return yaml.safe_load(MODEL.read_text(encoding="utf-8"))["unit_tests"]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_whale_curve_expects_what_the_functions_give(case):
    given = [row for row in case["given"][0]["rows"] if row["net_to_serve_group"] is not None]
    names = [row["entity_id"] for row in given]
    amounts = [row["net_to_serve_group"] for row in given]
    revenue = [row["net_revenue_group"] for row in given]
    curve, scores = whale_curve(names, amounts), profit_score(amounts, revenue)
    shares = ratio(amounts, revenue)
    expected = {row["entity_id"]: row for row in case["expect"]["rows"]}
    for rank, place in enumerate(curve.order, start=1):
        row = expected[names[place]]
        assert row["profit_rank"] == rank
        assert row["profit_score"] == pytest.approx(scores.values[place])
        assert row["cumulative_profit_group"] == pytest.approx(curve.cumulative_profit[rank - 1])
        assert row["is_peak"] == (rank == curve.peak_rank)
        assert row["peak_profit_group"] == pytest.approx(curve.peak)
        assert row["final_profit_group"] == pytest.approx(curve.final)
        assert row["peak_ratio"] == pytest.approx(curve.peak_ratio)
        if "net_to_serve_ratio" in row:
            assert (row["net_to_serve_ratio"] is None) == (shares.reasons[place] is not None)
