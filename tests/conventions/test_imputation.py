"""Nothing is filled in silently: rules, policy, models and the list of fills say the same."""

import csv
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from project_files import models, sql

from dagster_project.settings import DBT_DIR, SEEDS_DIR
from docs.generate import missing_values

KINDS = {"precedence", "contract", "absent", "member", "policy", "compare"}
ELSEWHERE = {"control", "governance", "imputation", "profit", "touched"}
"""Concepts of the intermediate layer that the list leaves out; it says why."""
MARTS = {"core", "segmentation", "service"}


class Returned(Exception):
    """What dbt's ``return`` gives back."""


@cache
def macros() -> Any:
    """The macros of imputation as plain Jinja knows them."""

    def give(value: Any) -> None:
        raise Returned(value)

    text = (DBT_DIR / "macros" / "imputation.sql").read_text(encoding="utf-8")
    jinja = jinja2.Environment(extensions=["jinja2.ext.do"])
    tierline = SimpleNamespace()
    names = {"return": give, "tierline": tierline}
    module = jinja.from_string(text.replace("return(", "give_back(")).make_module(
        names | {"give_back": give}
    )
    tierline.imputation_rules = lambda: called(module.imputation_rules)
    return module


def called(macro: Any, *arguments: Any) -> Any:
    """Return what a macro returns."""
    with pytest.raises(Returned) as returned:
        macro(*arguments)
    return returned.value.args[0]


def rules() -> dict[str, dict[str, Any]]:
    return called(macros().imputation_rules)


def policy() -> list[dict[str, str]]:
    path = SEEDS_DIR / "policy" / "imputation_rule.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def faults(rows: list[dict[str, str]]) -> list[str]:
    """What the dbt test on the policy would say of these rows."""
    seen = [
        (row["rule_id"], row["metric"], int(row["max_age_days"] or 0) or None, row["log_as"])
        for row in rows
    ]
    return called(macros().imputation_faults, seen)


def test_policy_of_the_project_has_the_rules_of_the_models():
    assert faults(policy()) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(
            lambda rows: [r for r in rows if r["rule_id"] != "TZ_UTC"],
            "no row TZ_UTC, which models use for order.ship_to_time_zone",
            id="row is gone",
        ),
        pytest.param(
            lambda rows: [*rows, rows[0] | {"rule_id": "GEO_GUESS"}],
            "row GEO_GUESS: no model has such a rule",
            id="rule of no model",
        ),
        pytest.param(
            lambda rows: [rows[0] | {"metric": "site.name"}, *rows[1:]],
            "row GEO_POSTCODE, column metric: expected site.coordinates, found site.name",
            id="other metric",
        ),
        pytest.param(
            lambda rows: [rows[0] | {"log_as": "field"}, *rows[1:]],
            "row GEO_POSTCODE, column log_as: expected row, found field",
            id="cannot be logged so",
        ),
        pytest.param(
            lambda rows: [rows[0] | {"max_age_days": "9"}, *rows[1:]],
            "row GEO_POSTCODE, column max_age_days: its values do not grow old, leave it blank",
            id="age of what does not grow old",
        ),
    ],
)
def test_policy_that_does_not_fit_is_named_by_row_and_column(change, fault):
    assert faults(change(policy())) == [fault]


@pytest.mark.parametrize("rule_id", sorted(rules()))
def test_rule_is_used_by_a_model_and_stands_in_the_list(rule_id):
    logs = ("int_imputation__document", "int_imputation__value")
    used = [name for name in models() if f"'{rule_id}'".lower() in sql(name) and name not in logs]
    by_basis = rule_id.startswith(("GEO_", "SCORE_", "FX_", "WORKING_", "TIER_"))
    assert used or by_basis
    assert any(f"'{rule_id}'".lower() in sql(name) for name in logs) or rule_id in NEW_CUSTOMERS
    assert rule_id in listed_rules()


NEW_CUSTOMERS = {"EB_RATE", "OWN_RATE", "NO_RATE", "EB_SIZE", "OWN_SIZE", "NO_SIZE"}
"""Rules that the model of new customers names itself, row by row."""


def listed_rules() -> set[str]:
    found: set[str] = set()
    for kinds in missing_values().values():
        found |= set(kinds.get("imputed", {})) | set(kinds.get("imputed_otherwise", []))
    return found


def test_list_names_no_rule_that_does_not_exist():
    assert listed_rules() <= set(rules())


def coalesces(text: str) -> set[str]:
    """Return what stands between the brackets of each ``coalesce``, blanks made one."""
    found = set()
    for match in re.finditer(r"\bcoalesce\(", text):
        depth, end = 0, match.end() - 1
        while True:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
            end += 1
        found.add(" ".join(text[match.end() : end].split()))
    return found


def judged() -> list[str]:
    """Models whose fills are listed: those that make facts and dimensions."""
    names = []
    for name, node in models().items():
        _, layer, folder, *_ = Path(node["original_file_path"]).parts
        is_fact = layer == "intermediate" and folder not in ELSEWHERE
        is_shown = layer == "marts" and (folder in MARTS or name == "mart_new_customer_demand")
        if (is_fact or is_shown) and not name.startswith("int_touched__"):
            names.append(name)
    return sorted(names)


@pytest.mark.parametrize("name", judged())
def test_each_fill_of_a_model_is_judged_in_the_list(name):
    kinds = missing_values().get(name, {})
    assert set(kinds) <= KINDS | {"imputed", "imputed_otherwise"}
    listed = {value for kind in KINDS for value in kinds.get(kind, [])}
    listed |= {value for values in kinds.get("imputed", {}).values() for value in values}
    assert coalesces(sql(name)) == listed, "docs/missing_values.yml says which kind it is"


def test_list_names_only_models_that_it_judges():
    assert set(missing_values()) <= set(judged())
