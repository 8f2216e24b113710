"""Pictures that Dagster shows beside a mart: drawn from its rows, with what they say as title."""

import base64
import re
from xml.etree import ElementTree

import duckdb
import pytest

from dagster_project.defs.pictures import picture


@pytest.fixture
def con():
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create schema policy")
        connection.execute(
            "create table policy.demand_class_rule as"
            " select * from (values ('adi_limit', 1.32), ('cv2_limit', 0.49)) as t"
            " (limit_name, limit_value)"
        )
        yield connection


def whale(con, shares: list[float]) -> tuple[str, str] | None:
    best = shares.index(max(shares))
    rows = ", ".join(
        f"({(n + 1) / len(shares)}, {share}, {n == best}, {n})" for n, share in enumerate(shares)
    )
    con.execute(
        f"create table marts.mart_whale_curve as select * from (values {rows}) as t"
        " (cumulative_customers_share, cumulative_profit_share, is_peak, profit_rank)"
    )
    return picture(con, "mart_whale_curve")


def svg(markdown: str) -> ElementTree.Element:
    (packed,) = re.findall(r"\(data:image/svg\+xml;base64,([^)]+)\)", markdown)
    return ElementTree.fromstring(base64.b64decode(packed))


def test_title_of_the_whale_curve_says_who_earns_what(con):
    title, markdown = whale(con, [0.6, 0.9, 1.2, 1.0])
    assert title == "75% of customers earn 120.0% of the profit; the others take it down"
    assert svg(markdown).find("{*}title").text == title


def test_where_nobody_loses_the_title_says_so(con):
    title, _ = whale(con, [0.6, 0.9, 1.0])
    assert title == "Every customer adds to the profit"


def test_curve_begins_at_nothing_and_ends_with_all(con):
    _, markdown = whale(con, [0.5, 1.5, 1.0])
    points = svg(markdown).find("{*}polyline").get("points").split()
    assert len(points) == 5  # nothing, three customers, and the last again as the end of the line
    heights = [float(point.split(",")[1]) for point in points]
    assert heights[0] > heights[1] > heights[2] < heights[3] == heights[4]


def test_a_long_curve_has_no_more_points_than_can_be_seen(con):
    _, markdown = whale(con, [n / 5000 for n in range(1, 5001)])
    assert len(svg(markdown).find("{*}polyline").get("points").split()) <= 302


def test_scatter_counts_the_classes_and_says_their_names(con):
    con.execute(
        """create table marts.mart_demand_class as select * from (values
            (1.0, 0.1, 'SMOOTH'), (2.0, 0.1, 'INTERMITTENT'), (3.0, 2.0, 'LUMPY'),
            (1.1, 0.0, 'SMOOTH'), (null, null, 'UNDETERMINED')) as t (adi, cv2, demand_class)"""
    )
    title, markdown = picture(con, "mart_demand_class")
    assert title == "50% of 4 series are intermittent or lumpy"
    drawn = svg(markdown)
    assert len(drawn.findall("{*}circle")) == 4
    words = {text.text for text in drawn.findall("{*}text")}
    assert {"smooth", "erratic", "intermittent", "lumpy", "1.32", "0.49"} <= words


def test_a_mart_without_rows_or_without_a_picture_has_none(con):
    con.execute(
        "create table marts.mart_demand_class as"
        " select 1.0 as adi, 0.1 as cv2, 'UNDETERMINED' as demand_class"
    )
    assert picture(con, "mart_demand_class") is None
    assert picture(con, "dim_customer") is None
