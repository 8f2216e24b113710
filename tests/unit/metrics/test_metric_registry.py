"""One definition per metric: read from policy, refused where it is unusable, told to MetricFlow."""

import csv

import pytest

from dagster_project.errors import UsageError
from dagster_project.metrics.checks import metric_findings
from dagster_project.metrics.registry import parse_metrics, require_metric
from dagster_project.metrics.semantic import parts_as_metrics, semantic_models
from dagster_project.segmentation.policy import METRICS
from dagster_project.settings import PROJECT_ROOT, SEEDS_DIR

POLICY = SEEDS_DIR / "policy"


def rows() -> list[dict[str, str]]:
    with (POLICY / "metric_definition.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_metric_that_a_rule_may_name_is_defined():
    assert set(METRICS) <= set(parse_metrics(rows()))


def test_newest_version_of_a_metric_counts():
    newer = next(row for row in rows() if row["metric_id"] == "OTIF") | {
        "version": "2",
        "label": "On time in full, by order",
    }
    assert parse_metrics([newer, *rows()])["OTIF"].label == "On time in full, by order"
    assert parse_metrics([*rows(), newer])["OTIF"].version == 2


@pytest.mark.parametrize(
    ("column", "value"), [("unit", "percent"), ("direction", "UPWARD"), ("version", "one")]
)
def test_definition_that_cannot_be_read_is_refused_with_its_place(column, value):
    wrong = rows()
    wrong[0][column] = value
    with pytest.raises(UsageError, match=f"metric_definition.csv, row OTIF, column {column}"):
        parse_metrics(wrong)


def test_same_version_twice_is_refused():
    with pytest.raises(UsageError, match="stands there twice"):
        parse_metrics([*rows(), rows()[0]])


def test_metric_that_nobody_defined_is_refused_and_the_known_ones_are_told():
    with pytest.raises(UsageError, match=r"metric_definition\.csv has .*OTIF"):
        require_metric(parse_metrics(rows()), "SHOE_SIZE")


def test_policy_that_names_an_undefined_metric_is_told_with_row_and_column(tmp_path):
    (tmp_path / "metric_definition.csv").write_text((POLICY / "metric_definition.csv").read_text())
    (tmp_path / "service_element.csv").write_text("element,metric_id\nOTIF,OTIF\nASN,SHOE_SIZE\n")
    (found,) = metric_findings(tmp_path)
    assert (found.check, found.file, found.row, found.column) == (
        *("UNKNOWN_METRIC", "service_element.csv", 3, "metric_id"),
    )


def test_page_of_services_shows_the_version_of_the_metric():
    page = (PROJECT_ROOT / "docs" / "reference" / "services.md").read_text(encoding="utf-8")
    versions = {name: one.version for name, one in parse_metrics(rows()).items()}
    with (POLICY / "service_definition.csv").open(newline="") as handle:
        for row in csv.DictReader(handle):
            assert int(row["metric_version"]) == versions[row["metric_id"]]
            assert f"`{row['metric_id']}` version {row['metric_version']}" in page


def metricflow_errors(document):
    """What the validator that dbt runs on a project with semantic models says."""
    from dbt_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
    from dbt_semantic_interfaces.validations.semantic_manifest_validator import (
        SemanticManifestValidator,
    )

    spine = {"node_relation": {"alias": "dim_date", "schema_name": "marts"}}
    spine |= {"primary_column": {"name": "calendar_date", "time_granularity": "day"}}
    manifest = PydanticSemanticManifest.parse_obj(
        {
            "semantic_models": document["semantic_models"],
            "metrics": parts_as_metrics(document),
            "project_configuration": {"time_spines": [spine]},
        }
    )
    validator = SemanticManifestValidator[PydanticSemanticManifest]()
    found = validator.validate_semantic_manifest(manifest)
    return [issue.as_readable_str() for issue in found.errors]


def test_metricflow_accepts_the_registry():
    document = semantic_models(parse_metrics(rows()).values())
    assert metricflow_errors(document) == []
    assert {"otif_first", "net_revenue"} <= {one["name"] for one in document["metrics"]}


def test_metricflow_refuses_a_measure_that_is_there_twice():
    document = semantic_models(parse_metrics(rows()).values())
    first = document["semantic_models"][0]
    first["measures"].append(first["measures"][0])
    assert metricflow_errors(document)
