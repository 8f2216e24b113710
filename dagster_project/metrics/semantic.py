"""The registry in the words of MetricFlow: semantic models, measures and metrics over the marts.

Only what the registry says is translated; ``docs/reference/semantic_models.yml`` is written from
it, for a team that points a semantic layer at a release. The project does not run MetricFlow.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dagster_project.metrics.registry import BASES, Metric

TIME = "counted_on"
_SUM = ("sum(", "count(")


def semantic_models(metrics: Iterable[Metric]) -> dict[str, list[dict[str, Any]]]:
    """Return ``semantic_models`` and ``metrics`` as MetricFlow's YAML has them.

    One semantic model per mart, filter, date and segment column: its measures are aggregates of one
    expression. A metric with three dates of promise becomes three, named ``otif_first`` and so on.
    """
    models: dict[str, dict[str, Any]] = {}
    found: list[dict[str, Any]] = []
    for metric in sorted(metrics, key=lambda one: one.metric_id):
        if not metric.is_computable:
            continue
        for basis in BASES if metric.has_basis else ("",):
            name = "_".join(filter(None, (metric.metric_id.lower(), basis)))
            model = _model(models, metric, basis)
            parts = [("numerator", metric.numerator_sql), ("denominator", metric.denominator_sql)]
            refs = {
                part: _measure(model, f"{name}_{part}", sql, basis) for part, sql in parts if sql
            }
            found.append(_metric(name, metric, refs))
    return {"semantic_models": [models[key] for key in sorted(models)], "metrics": found}


def _model(models: dict[str, dict[str, Any]], metric: Metric, basis: str) -> dict[str, Any]:
    date_column = metric.date_column.replace("{basis}", basis)
    filtered = metric.filter_sql.replace("{basis}", basis)
    name = f"{metric.source_model}_by_{date_column}" + ("_judged" if filtered else "")
    condition = f"case when {filtered} then {date_column} end" if filtered else date_column
    return models.setdefault(
        name,
        {
            "name": name,
            "description": f"Rows of {metric.source_model} by {date_column}"
            + (f", where {filtered}." if filtered else "."),
            "node_relation": {"alias": metric.source_model, "schema_name": "marts"},
            "defaults": {"agg_time_dimension": TIME},
            "primary_entity": "row_of_" + name,
            "entities": [{"name": "segment", "type": "foreign", "expr": metric.segment_column}],
            "dimensions": [
                {
                    "name": TIME,
                    "type": "time",
                    "expr": condition,
                    "type_params": {"time_granularity": "day"},
                }
            ],
            "measures": [],
        },
    )


def _measure(model: dict[str, Any], name: str, sql: str, basis: str) -> dict[str, str]:
    text = sql.replace("{basis}", basis)
    kind = next(one for one in _SUM if text.startswith(one))
    inner = text.removeprefix(kind).removesuffix(")")
    if kind == "count(":
        inner = "1" if inner == "*" else f"case when {inner} is not null then 1 else 0 end"
    measure: Mapping[str, str] = {"name": name, "agg": "sum", "expr": inner}
    model["measures"].append(dict(measure))
    return {"name": name}


def _metric(name: str, metric: Metric, refs: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """A ratio where there is a denominator; its two parts stand as metrics of their own."""
    basis = name.removeprefix(metric.metric_id.lower()).strip("_")
    label = f"{metric.label} ({basis})" if basis else metric.label
    common = {"name": name, "label": label, "description": metric.formula}
    if "denominator" not in refs:
        return common | {"type": "simple", "type_params": {"measure": dict(refs["numerator"])}}
    parts = {part: {"name": refs[part]["name"]} for part in ("numerator", "denominator")}
    return common | {"type": "ratio", "type_params": parts}


def parts_as_metrics(document: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the metrics with one simple metric for each measure that a ratio names."""
    simple = [
        {
            "name": part["name"],
            "label": part["name"],
            "description": f"The {side} of {one['name']}.",
            "type": "simple",
            "type_params": {"measure": dict(part)},
        }
        for one in document["metrics"]
        if one["type"] == "ratio"
        for side, part in one["type_params"].items()
    ]
    return [*simple, *document["metrics"]]
