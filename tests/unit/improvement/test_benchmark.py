"""A study is answered by its own definition; its median of 2016 is quoted and not checked here."""

import csv

import numpy as np
import pytest

from dagster_project.improvement.benchmark import (
    comparability,
    percentile,
    perfect_order,
    side_of,
)
from dagster_project.settings import SEEDS_DIR


def parts(*columns):
    names = ("on time", "in full", "undamaged", "right")
    return dict(zip(names, (np.array(one, dtype=bool) for one in columns), strict=True))


def study(name):
    with (SEEDS_DIR / "reference" / "benchmark.csv").open(newline="") as handle:
        return next(row for row in csv.DictReader(handle) if row["benchmark_id"] == name)


def test_perfect_order_of_apqc_positions_our_product_and_not_the_joint_share():
    # Ten lines; the same two fail in everything, so that the joint share is far above the product.
    failing = [0, 0, *[1] * 8]
    own = perfect_order(parts(failing, failing, failing, failing))
    assert own.joint == pytest.approx(0.8)
    assert own.product == pytest.approx(0.8**4)
    row = study("APQC_PERFECT_ORDER_2016")
    assert (row["own_form"], float(row["p50"])) == ("PRODUCT", 0.9)
    assert side_of(own.product, [float(row["p50"])]) == "BELOW_MEDIAN"


def test_failures_that_exclude_each_other_make_the_joint_share_the_smaller_one():
    own = perfect_order(parts([0, 1, 1, 1], [1, 0, 1, 1], [1] * 4, [1] * 4))
    assert own.joint == pytest.approx(0.5)
    assert own.product == pytest.approx(0.5625)


def test_place_among_peers_lies_between_the_published_quantiles():
    quantiles = {0.25: 0.80, 0.5: 0.90, 0.75: 0.96}
    assert percentile(0.85, quantiles) == pytest.approx(0.375)
    assert percentile(0.99, quantiles) == 0.75
    assert percentile(0.85, {0.25: None, 0.5: 0.90, 0.75: None}) is None


def test_old_small_or_otherwise_defined_studies_are_weak():
    assert comparability(2025, 2026, 100, True) == (1.0, "")
    score, why = comparability(2016, 2026, None, False)
    assert score == 0.0
    assert why == "another definition, older than 3 years, respondents unknown"


def test_without_a_line_there_is_no_figure():
    assert perfect_order(parts([], [], [], [])) is None


def test_every_study_names_its_source_and_year():
    with (SEEDS_DIR / "reference" / "benchmark.csv").open(newline="") as handle:
        for row in csv.DictReader(handle):
            assert row["source"]
            assert int(row["published_year"]) > 2000
