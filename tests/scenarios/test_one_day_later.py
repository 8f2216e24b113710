"""What is delivered a day later ends in the same rows as if everything had come at once."""

import duckdb
import pytest

from dagster_project.ingestion import land
from dagster_project.release.digest import schema_digests
from dagster_project.settings import Settings
from dagster_project.warehouse.build import build

from .conftest import every_scenario
from .world import AS_OF, LATER


def digests(settings):
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        return {name: digest.sha256 for name, digest in schema_digests(con, "marts").items()}


@pytest.mark.slow
def test_deltas_after_a_build_give_the_marts_of_a_build_from_scratch(tmp_path):
    every_scenario().write(tmp_path / "extracts")
    settings = Settings(home=tmp_path / "home", as_of=AS_OF, group_currency="EUR")
    held = tmp_path / "held"
    for name in (batch.replace(" ", "-") for batch in LATER):
        for path in sorted((tmp_path / "extracts").glob(f"*/*/*-{name}")):
            target = held / name / path.relative_to(tmp_path / "extracts")
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
    land(settings, from_dir=tmp_path / "extracts")
    build(settings)
    before = digests(settings)
    for folder in sorted(held.iterdir(), key=lambda path: path.name != "next-day"):
        land(settings, from_dir=folder)
        assert not build(settings).full
    updated = digests(settings)
    build(settings, full=True)
    anew = digests(settings)
    assert {name for name in anew if anew[name] != updated[name]} == set()
    changed = {name for name in anew if anew[name] != before[name]}
    assert {"fct_order_line", "fct_shipment_line", "fct_invoice_line"} <= changed
