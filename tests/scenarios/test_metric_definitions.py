"""Each mart that shows a metric shows what the definition of the metric says, to the ninth decimal.

The definition is turned into a query of its own on the facts; the company is that of all scenarios.
"""

import csv

import pytest

from dagster_project.metrics.registry import BASES, parse_metrics
from dagster_project.settings import SEEDS_DIR


def definitions():
    with (SEEDS_DIR / "policy" / "metric_definition.csv").open(newline="") as handle:
        return parse_metrics(csv.DictReader(handle))


METRICS = definitions()
ATTAINMENT = "mart_service_attainment"
ATTAINED = [
    (name, basis if metric.has_basis else "")
    for name, metric in METRICS.items()
    if ATTAINMENT in metric.shown_in.split() and metric.is_computable
    for basis in (BASES if metric.has_basis else ("ship",))
]
MONTHLY = [
    (name, place.split(".")[1])
    for name, metric in METRICS.items()
    if metric.is_computable
    for place in metric.shown_in.split()
    if place.startswith("mart_segment_kpi_monthly.")
]


def differences(ask, shown, defined):
    """Segments and months where the mart's value is not the definition's; a gap is no value."""
    return ask(
        f"select shown.*, defined.value as defined_value from ({shown}) as shown"
        f" full join ({defined}) as defined using (segment_key, month)"
        " where abs(shown.value - defined.value) > 1e-9"
        " or (shown.value is null) <> (defined.value is null)"
    )


@pytest.mark.parametrize(("name", "basis"), ATTAINED)
def test_attainment_is_what_the_definition_says(ask, name, basis):
    shown = (
        f"select segment_key, due_month as month, value from marts.{ATTAINMENT}"
        f" where metric_id = '{name}' and basis = '{(basis or 'ship').upper()}'"
        " and value is not null"
    )
    assert ask(shown)
    assert differences(ask, shown, METRICS[name].value_query(basis)) == []


@pytest.mark.parametrize(("name", "column"), MONTHLY)
def test_monthly_figure_is_what_the_definition_says(ask, name, column):
    shown = (
        f"select segment_key, activity_month as month, {column} as value"
        f" from marts.mart_segment_kpi_monthly where {column} is not null"
        # A month without rows shows zero, which no definition counts.
        f" and ({column} <> 0 or '{name}' in ('OTIF', 'UNIT_FILL_RATE'))"
    )
    defined = f"select * from ({METRICS[name].value_query('first')})"
    if name not in ("OTIF", "UNIT_FILL_RATE"):
        defined += " where value <> 0"
    assert ask(shown)
    assert differences(ask, shown, defined) == []


@pytest.mark.parametrize("mart", [ATTAINMENT, "mart_segment_kpi_closed"])
def test_mart_shows_no_metric_that_is_not_defined(ask, mart):
    shown = {row["metric_id"] for row in ask(f"select distinct metric_id from marts.{mart}")}
    assert shown - set(METRICS) == set()


def test_attainment_shows_every_metric_that_says_so(ask):
    shown = {row["metric_id"] for row in ask(f"select distinct metric_id from marts.{ATTAINMENT}")}
    said = {name for name, one in METRICS.items() if ATTAINMENT in one.shown_in.split()}
    assert said - shown == set()


def test_registry_is_published(ask):
    rows = ask("select metric_id from marts.dim_metric where is_current")
    assert {row["metric_id"] for row in rows} == set(METRICS)
