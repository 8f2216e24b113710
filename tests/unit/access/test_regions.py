"""A reader of one region gets no row of another region's customer, in any mart."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.access import export_profile
from dagster_project.access.rows import load_open_marts
from dagster_project.errors import UsageError
from dagster_project.governance import DecisionStore, Entry
from dagster_project.settings import SEEDS_DIR, Settings, get_settings
from dagster_project.warehouse.manifest import read_manifest

RELEASE = "2026-01-15-abc"
TODAY = date(2100, 1, 1)
CUSTOMERS = [
    ("C-DACH", "E-DACH", "DACH"),
    ("C-UKI", "E-UKI", "UKI"),
    ("C-BOTH-1", "E-BOTH", "DACH"),
    ("C-BOTH-2", "E-BOTH", "UKI"),
    ("C-NONE", "E-NONE", None),
]
"""Customer, entity, region: one entity lies in two regions, one customer in none."""


def marts() -> dict[str, dict[str, str]]:
    nodes = read_manifest(get_settings())["nodes"].values()
    return {
        node["name"]: {c["name"]: c["data_type"] for c in node["columns"].values()}
        for node in nodes
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }


def _row(columns: dict[str, str], known: dict[str, str | None]) -> str:
    def value(name: str, kind: str) -> str:
        if name in known and known[name] is not None:
            return f"'{known[name]}' as {name}"
        return f"cast(null as {kind}) as {name}"

    return "select " + ", ".join(value(name, kind) for name, kind in columns.items())


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Settings:
    """A home whose release has in every mart one row per customer."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    folder = settings.releases_dir / RELEASE
    folder.mkdir(parents=True)
    con = duckdb.connect(str(folder / "marts.duckdb"))
    for mart, columns in marts().items():
        rows = [
            _row(columns, {"customer_id": customer, "entity_id": entity, "region": region})
            for customer, entity, region in CUSTOMERS
        ]
        con.execute(f"create table {mart} as {' union all '.join(rows)}")
    con.close()
    settings.current_link.symlink_to(Path("releases") / RELEASE)
    store = DecisionStore(settings.decisions_url)
    for reader, region in (("lena", "DACH"), ("ines", "*"), ("nell", "MOON")):
        payload = {"reader": reader, "profile": "internal", "region": region}
        payload["valid_to"] = "2100-12-31"
        store.append(Entry("access_grant", reader, "kim", "security", "because", payload))
    return settings


@pytest.mark.parametrize("mart", sorted(marts()))
def test_no_row_of_another_region_is_in_the_files(home, mart):
    exported = export_profile(home, "internal", reader="lena", today=TODAY)
    columns, file = marts()[mart], Path(exported.path) / f"{mart}.parquet"
    if mart in load_open_marts(home.policy_dir):
        assert exported.rows[mart] == len(CUSTOMERS)
    elif "customer_id" in columns:
        found = {one for (one,) in duckdb.sql(f"select customer_id from '{file}'").fetchall()}
        assert found == {"C-DACH", "C-BOTH-1"}
    elif "entity_id" in columns:
        found = {one for (one,) in duckdb.sql(f"select entity_id from '{file}'").fetchall()}
        assert found == {"E-DACH"}
    else:
        assert not file.exists()
        assert mart in exported.marts_left_out


def test_marts_that_every_region_gets_tell_nothing_of_customers():
    for mart in load_open_marts(SEEDS_DIR / "policy"):
        assert (
            not {"customer_id", "entity_id", "region", "segment_code"} & set(marts()[mart])
            or mart == "dim_segment"
        )


def test_a_grant_for_all_regions_shows_all_rows(home):
    exported = export_profile(home, "internal", reader="ines", today=TODAY)
    assert set(exported.rows.values()) == {len(CUSTOMERS)}
    assert exported.region == "*"


def test_a_region_without_customers_shows_none(home):
    exported = export_profile(home, "internal", reader="nell", today=TODAY)
    assert exported.rows["dim_customer"] == 0


def test_each_reader_has_a_folder_of_its_own_and_needs_a_grant(home):
    folder = Path(export_profile(home, "internal", reader="lena", today=TODAY).path)
    assert folder.name == "internal-lena"
    assert folder != Path(export_profile(home, "internal", today=TODAY).path)
    with pytest.raises(UsageError, match="never granted"):
        export_profile(home, "planner", reader="lena", today=TODAY)
    with pytest.raises(UsageError, match="is expired"):
        export_profile(home, "internal", reader="lena", today=date(2101, 1, 1))
