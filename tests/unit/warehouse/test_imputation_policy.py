"""A company's own imputation policy is refused where it does not fit, in words for its owner."""

import json
import shutil

import pytest

from dagster_project.settings import SEEDS_DIR, Settings
from dagster_project.warehouse import dbt
from dagster_project.warehouse.manifest import load_manifest


@pytest.fixture(scope="module")
def policy_without_utc(tmp_path_factory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    policy = home / "policy"
    shutil.copytree(SEEDS_DIR / "policy", policy)
    path = policy / "imputation_rule.csv"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(row for row in rows if not row.startswith("TZ_UTC,")), encoding="utf-8")
    settings = Settings(home=home, policy_dir=policy)
    settings.work_dir.mkdir(parents=True)
    return settings


@pytest.mark.slow
def test_rule_that_models_use_and_the_policy_lacks_stops_the_build(policy_without_utc):
    nodes = load_manifest(policy_without_utc).nodes
    seed = next(key for key, node in nodes.items() if node.name == "imputation_rule")
    wanted = [seed, *(key for key, node in nodes.items() if "rules_of_the_models" in node.name)]
    variables = {"as_of": "2025-06-30", "group_currency": "EUR"}
    results = dbt.run(policy_without_utc, wanted, variables, full=True)
    [bad] = [result for result in results if result.is_bad]
    assert json.dumps(bad.message).count("no row TZ_UTC, which models use for order.ship_to") == 1
    assert "seeds/policy/imputation_rule.csv" in bad.message
