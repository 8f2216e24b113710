"""Marts are the public layer: each has a contract, a grain, an owner, a test of its grain."""

import re
from pathlib import Path

import pytest
from project_files import manifest, models, names_in, sql

from dagster_project.settings import DBT_DIR

MARTS = names_in("marts")
VALIDITY = {"valid_from", "valid_to", "recorded_from", "recorded_to"}


@pytest.mark.parametrize("name", MARTS)
def test_contract_is_enforced_and_every_column_is_described(name):
    node = models()[name]
    assert node["config"]["contract"]["enforced"]
    assert [c["name"] for c in node["columns"].values() if not c["description"]] == []
    assert [c["name"] for c in node["columns"].values() if not c["data_type"]] == []


@pytest.mark.parametrize("name", MARTS)
def test_description_ends_with_the_grain(name):
    last = models()[name]["description"].strip().rstrip(".").split(". ")[-1]
    assert last.startswith("One row per "), last


@pytest.mark.parametrize("name", MARTS)
def test_mart_has_an_owner(name):
    assert models()[name]["config"]["meta"].get("owner")


@pytest.mark.parametrize("name", MARTS)
def test_grain_is_tested(name):
    grains = [
        node["test_metadata"]["kwargs"].get("grain")
        for node in manifest()["nodes"].values()
        if node.get("attached_node") == models()[name]["unique_id"]
        and (node.get("test_metadata") or {}).get("name") == "sound"
    ]
    assert any(grains)


@pytest.mark.parametrize("name", sorted(models()))
def test_yaml_with_the_same_stem_lies_beside_the_model(name):
    path = DBT_DIR / models()[name]["original_file_path"]
    if name.startswith("stg_"):
        # The contract of a feed is its description; it lies beside as the sources file.
        assert list(path.parent.glob("_*.yml"))
    else:
        assert path.with_suffix(".yml").exists()


@pytest.mark.parametrize("name", MARTS)
def test_last_cte_of_a_mart_names_its_columns(name):
    body = sql(name).strip()
    whole = re.search(r"select \* from (\w+)\s*$", body)
    if whole:
        last_cte = body[body.rindex(f"{whole.group(1)} as (") : whole.start()]
    else:
        last_cte = body.rsplit("\n)\n", 1)[-1]
    assert not re.search(r"select\s+(\w+\.)?\*", last_cte)


@pytest.mark.parametrize("name", MARTS)
def test_columns_tell_their_type_by_their_name(name):
    wrong = []
    for column in models()[name]["columns"].values():
        kind, text = (column["data_type"] or "").lower(), column["name"]
        if kind == "boolean" and not text.startswith(("is_", "has_")):
            wrong.append(f"{text} is boolean")
        if kind == "timestamp" and not text.endswith("_at") and text not in VALIDITY:
            wrong.append(f"{text} is a timestamp")
        if kind == "date" and not re.search(r"(_date|_month|_at)(_|$)", text):
            wrong += [] if text in VALIDITY else [f"{text} is a date"]
    assert wrong == []


def decisions() -> list[str]:
    """Return the models that decide: those that choose by `case` and either stand in the service
    or segmentation marts or check rows (`int_<concept>__<what>_checked`), and every control.
    """
    nodes = models().values()
    paths = {node["name"]: Path(node["original_file_path"]) for node in nodes}
    folders = {"service", "segmentation"}
    return sorted(
        name
        for name, path in paths.items()
        if re.search(r"\bcase\b\s+(when\b|\w)", sql(name))
        and (
            (path.parts[1] == "marts" and path.parts[2] in folders)
            or name.endswith("_checked")
            or "control_row(" in sql(name)
        )
    )


@pytest.mark.parametrize("name", decisions())
def test_decision_has_a_unit_test(name):
    tested = {unit_test["model"] for unit_test in manifest()["unit_tests"].values()}
    assert name in tested
