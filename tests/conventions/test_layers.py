"""Layers are a boundary: only staging reads sources, a mart never reads staging.

What the Python analytics leave is as good as intermediate: intermediate models and marts read it.
"""

import re

import pytest
from project_files import layer, models, names_in, parents

NAMES = {
    "staging": re.compile(r"stg_[a-z]+(_[a-z]+)*__[a-z]+(_[a-z]+)*"),
    "intermediate": re.compile(r"int_[a-z]+(_[a-z]+)*__[a-z0-9]+(_[a-z0-9]+)*"),
    "marts": re.compile(
        r"(dim|fct|audit)_[a-z]+(_[a-z]+)*|mart_[a-z]+(_[a-z]+)*(__[a-z]+(_[a-z]+)*)?"
    ),
}
LISTS_TOUCHED_KEYS = "int_touched__"
"""These list the keys of batches that came or went, and nothing but raw and state knows those."""
JUDGES_MARTS = "int_control__"
"""Controls judge what will be published, so they read marts; their results are a mart again."""
ANALYTICS = "analytics"
"""What fits and solvers leave between the dbt stages."""
LEDGER = "stg_landing__"
"""Staging of the ledger: it compares raw with staging feed by feed."""


@pytest.mark.parametrize("name", sorted(models()))
def test_model_is_named_after_its_layer(name):
    assert NAMES[layer(models()[name])].fullmatch(name)


@pytest.mark.parametrize("name", [*names_in("intermediate"), *names_in("marts")])
def test_only_staging_reads_sources(name):
    sources = {p["source_name"] for p in parents(models()[name]) if p["resource_type"] == "source"}
    assert sources <= {ANALYTICS} or name.startswith(LISTS_TOUCHED_KEYS)


@pytest.mark.parametrize("name", names_in("marts"))
def test_mart_never_reads_staging(name):
    read = [p for p in parents(models()[name]) if p["resource_type"] == "model"]
    assert [p["name"] for p in read if layer(p) == "staging"] == []


@pytest.mark.parametrize("name", [*names_in("staging"), *names_in("intermediate")])
def test_a_lower_layer_never_reads_a_higher_one(name):
    order = ["staging", "intermediate", "marts"]
    own = order.index(layer(models()[name]))
    read = [p for p in parents(models()[name]) if p["resource_type"] == "model"]
    higher = [p["name"] for p in read if order.index(layer(p)) > own]
    assert higher == [] or name.startswith(JUDGES_MARTS)


FEEDS = [name for name in names_in("staging") if not name.startswith(LEDGER)]


@pytest.mark.parametrize("name", FEEDS)
def test_staging_model_reads_one_feed_and_nothing_else(name):
    system, feed = name.removeprefix("stg_").split("__")
    assert {(p["source_name"], p["name"]) for p in parents(models()[name])} == {(system, feed)}


def test_every_feed_has_a_staging_model():
    from dagster_project.ingestion import load_contracts

    wanted = {f"stg_{system}__{feed}" for system, feed in load_contracts()}
    assert wanted <= set(models())
