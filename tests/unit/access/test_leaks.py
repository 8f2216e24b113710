"""Every profile, every mart, every column: what a reader must not see is not in its files."""

import re
from pathlib import Path

import duckdb
import pytest

from dagster_project.access import (
    Classification,
    export_profile,
    load_classification,
    load_profiles,
)
from dagster_project.access.profiles import Treatment
from dagster_project.errors import UsageError
from dagster_project.settings import SEEDS_DIR, Settings, get_settings
from dagster_project.warehouse.manifest import read_manifest

POLICY = SEEDS_DIR / "policy"
RELEASE = "2026-01-15-abc"
SECRET = "SECRET"
SUSPICIOUS = re.compile(
    r"cogs|margin|profit|cost|discount|rebate|price|credit_limit|(customer|legal|party|site|left|right)_name|email"
    r"|phone|street|postcode|latitude|longitude|tax_id|vat_|duns|iban|birth|debt|working_capital"
)
"""Words that make a column's class worth asking about; a new column with one must be listed."""

NOT_SECRET = {"credit_amount", "credit_amount_group"}


def marts() -> dict[str, dict[str, str]]:
    """Columns and types of all marts, as their contracts say."""
    nodes = read_manifest(get_settings())["nodes"].values()
    return {
        node["name"]: {c["name"]: c["data_type"] for c in node["columns"].values()}
        for node in nodes
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Settings:
    """A home with one release: every mart with one row, every text says where it came from."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    folder = settings.releases_dir / RELEASE
    folder.mkdir(parents=True)
    con = duckdb.connect(str(folder / "marts.duckdb"))
    for mart, columns in marts().items():
        values = [
            f"'{SECRET} {mart}.{name}' as {name}"
            if kind == "varchar"
            else f"cast(null as {kind}) as {name}"
            for name, kind in columns.items()
        ]
        con.execute(f"create table {mart} as select {', '.join(values)}")
    con.close()
    settings.current_link.symlink_to(Path("releases") / RELEASE)
    return settings


@pytest.mark.parametrize("profile_id", sorted(load_profiles(POLICY)))
def test_no_column_leaks(home, profile_id):
    profile, classes = load_profiles(POLICY)[profile_id], load_classification(POLICY)
    exported = export_profile(home, profile_id)
    checked = 0
    for mart, columns in marts().items():
        file = Path(exported.path) / f"{mart}.parquet"
        assert file.exists() == (mart in exported.rows)
        if not profile.sees(mart):
            assert not file.exists()
            continue
        row = duckdb.sql(f"select * from '{file}'").to_arrow_table().to_pylist()[0]
        for column in columns:
            treatment = profile.treatments[classes.of(mart, column)]
            assert (column in row) == (treatment is not Treatment.DROP), (mart, column)
            text = str(row.get(column))
            if treatment is not Treatment.SHOW:
                assert f"{mart}.{column}" not in text
            checked += 1
    assert checked > 40


def test_columns_with_suspicious_names_are_classified():
    classes = load_classification(POLICY)
    open_ones = [
        f"{mart}.{column}"
        for mart, columns in marts().items()
        for column in columns
        if SUSPICIOUS.search(column)
        and column not in NOT_SECRET
        and classes.of(mart, column) in ("PUBLIC", "INTERNAL")
    ]
    assert open_ones == []


def test_a_planner_sees_no_margin_and_no_name(home):
    exported = export_profile(home, "planner")
    assert "margin_amount_group" in exported.dropped["fct_invoice_line"]
    assert exported.hashed["dim_customer"] == ["customer_name", "legal_name"]
    names = duckdb.sql(
        f"select customer_name from '{exported.path}/dim_customer.parquet'"
    ).fetchall()
    assert re.fullmatch("[0-9a-f]{64}", names[0][0])


def test_hashes_are_stable_until_the_key_is_gone(home):
    def name() -> str:
        path = export_profile(home, "planner").path
        found = duckdb.sql(f"select customer_name from '{path}/dim_customer.parquet'").fetchall()
        return found[0][0]

    first = name()
    assert name() == first
    key = home.home / "secrets" / "pii.key"
    assert key.stat().st_mode & 0o077 == 0
    key.unlink()
    assert name() != first


def test_the_most_secret_row_holds_and_no_row_hides_everything():
    classes = load_classification(POLICY)
    assert classes.of("fct_invoice_line", "cogs_amount_group") == "MARGIN"
    assert classes.of("dim_segment", "label") == "PUBLIC"
    assert classes.of("fct_order_line", "order_id") == "INTERNAL"
    with pytest.raises(UsageError, match="no classification"):
        Classification(()).of("fct_order_line", "order_id")


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("data_classification.csv", "classification", "SECRETISH"),
        ("data_classification.csv", "why", ""),
        ("release_profile.csv", "margin", "BLUR"),
        ("release_profile.csv", "profile_id", "internal"),
    ],
)
def test_bad_policy_is_named(tmp_path, file, column, value):
    lines = (POLICY / file).read_text().splitlines()
    cells = lines[2].split(",")
    cells[lines[0].split(",").index(column)] = value
    (tmp_path / file).write_text("\n".join([*lines[:2], ",".join(cells), *lines[3:]]))
    with pytest.raises(UsageError) as error:
        load_classification(tmp_path) if file.startswith("data") else load_profiles(tmp_path)
    assert f"Row 3, column {column}" in error.value.why


def test_export_refuses_unknown_profiles_and_foreign_folders(home, tmp_path):
    with pytest.raises(UsageError, match="no profile"):
        export_profile(home, "everyone")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not an export"):
        export_profile(home, "planner", tmp_path)
    with pytest.raises(UsageError, match="nothing to export"):
        export_profile(Settings(home=tmp_path / "empty"), "planner")
