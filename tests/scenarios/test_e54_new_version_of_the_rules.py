"""E54: from April on fewer points are enough for the second tier (version 2 of its rules).

Everything decided under version 1 stays as it was and can be asked; beside it the whole history is
cut with version 2. Whom version 2 moves in its
first evaluations is marked as re-based: the policy changed, not the customer, so nobody reads it as
a migration.
"""

import csv
import datetime as dt
import shutil
from pathlib import Path

import pytest

from dagster_project.ingestion import land
from dagster_project.settings import SEEDS_DIR, Settings

from .small_company import ask, made
from .ten_customers import ten_customers
from .world import AS_OF

pytestmark = pytest.mark.further

SWITCH = "2025-04-01"
POINTS = {"THRESHOLD_UP_S2": "55", "THRESHOLD_DOWN_S2": "48"}
"""What version 2 asks for; version 1 asked for 65 to rise, 58 to stay and a rest between moves."""


def with_version_2(folder: Path) -> Path:
    """A policy in which version 1 of the two rules ends where version 2 begins."""
    shutil.copytree(SEEDS_DIR / "policy", folder)
    path = folder / "reclass_rule.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in [row for row in rows if row["rule_id"] in POINTS]:
        points = POINTS[row["rule_id"]]
        column = "threshold_up" if "UP" in row["rule_id"] else "threshold_down"
        newer = {"version": "2", "valid_from": SWITCH, "min_dwell_days": "0", column: points}
        rows.append(row | newer)
        row["valid_to"] = SWITCH
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def homes(tmp_path_factory) -> dict[str, Settings]:
    """The same company under version 1 alone, and with version 2 from April on."""
    root = tmp_path_factory.mktemp("versions")
    ten_customers("E54").write(root / "extracts")
    policies = {"v1": SEEDS_DIR / "policy", "v2": with_version_2(root / "policy")}
    found = {}
    for name, policy in policies.items():
        settings = Settings(home=root / name, as_of=AS_OF, group_currency="EUR", policy_dir=policy)
        land(settings, from_dir=root / "extracts")
        made(settings)
        found[name] = settings
    return found


def beliefs(settings: Settings, known_at: str) -> list:
    return ask(
        settings,
        "select entity_id, segment_code, valid_from from marts.dim_customer_segment"
        f" where recorded_from <= timestamp '{known_at}' and recorded_to > timestamp '{known_at}'"
        " order by entity_id, valid_from",
    )


@pytest.mark.slow
def test_history_under_version_1_stays_and_can_be_asked(homes):
    assert beliefs(homes["v2"], SWITCH) == beliefs(homes["v1"], SWITCH) != []


@pytest.mark.slow
def test_version_2_moves_customers_and_marks_each_move_as_a_re_base(homes):
    moves = ask(
        homes["v2"],
        "select entity_id, rule_id, rule_version, is_rebase, valid_from"
        " from marts.audit_segment_assignment where recorded_at >= timestamp '2025-04-01'"
        " order by entity_id",
    )
    assert [row["entity_id"] for row in moves] == ["C-E54-05", "C-E54-06"]
    for row in moves:
        assert (row["rule_id"], row["rule_version"]) == ("THRESHOLD_UP_S2", 2)
        assert row["is_rebase"]
        assert row["valid_from"] == dt.date(2025, 6, 1)


@pytest.mark.slow
def test_the_whole_history_is_also_cut_with_version_2(homes):
    """Under version 2 the two would have been lifted after their second evaluation."""
    rows = ask(
        homes["v2"],
        "select entity_id, valid_from, believed_segment_key from marts.mart_segment_recut"
        " where segment_key = 'service:S2' and believed_segment_key = 'service:S3'"
        " order by entity_id",
    )
    first = dt.date(2025, 4, 1)
    assert [(row["entity_id"], row["valid_from"]) for row in rows] == [
        ("C-E54-05", first),
        ("C-E54-06", first),
    ]
    before = ask(homes["v1"], "from marts.mart_segment_recut")
    assert before == []


@pytest.mark.slow
def test_no_move_of_the_quarter_is_left_that_looks_like_a_migration(homes):
    [quarter] = ask(
        homes["v2"],
        "select sum(entities_count) as moved, sum(rebased_entities_count) as rebased"
        " from marts.mart_segment_transition where is_move and quarter_start_date = '2025-04-01'",
    )
    assert quarter == {"moved": 2, "rebased": 2}


@pytest.mark.slow
def test_without_version_2_nobody_moves(homes):
    assert (
        ask(
            homes["v1"],
            "from marts.mart_segment_transition where is_move"
            " and quarter_start_date = '2025-04-01'",
        )
        == []
    )


@pytest.mark.slow
def test_the_record_holds_under_both_versions(homes):
    for settings in homes.values():
        found = ask(settings, "from marts.audit_control_result where status = 'FAIL'")
        assert found == []
