"""The policy files of the matching: what they say is used, what contradicts is refused by row."""

import csv

import pyarrow as pa
import pytest
from identity_cases import verdicts

from dagster_project.analytics.tables import MemoryTables
from dagster_project.errors import UsageError
from dagster_project.identity import shown
from dagster_project.identity.learn import Learnt, learn, read_labels, write_policy
from dagster_project.identity.policy import COLUMNS, parse_model, parse_policy, weight_rows
from dagster_project.identity.results import Policy
from dagster_project.identity.run import OUTPUTS, run_identity
from dagster_project.settings import SEEDS_DIR


def seed(name):
    with (SEEDS_DIR / "policy" / f"identity_{name}.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def sources():
    return [row | {"merges_own": row["merges_own"] == "true"} for row in seed("source")]


def with_setting(name, value):
    return [row | {"value": value} if row["setting"] == name else row for row in seed("setting")]


def record(record_id, **known):
    names = (*COLUMNS.kinds, "names_id")
    source = record_id.split(":")[0]
    fixed = {"record_id": record_id, "source_system": source, "is_active": True}
    return dict.fromkeys(names) | fixed | known


SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("record_id", "source_system", "names_id", *COLUMNS.kinds)]
    + [("is_active", pa.bool_())]
)
NORDWIND = {"name": "Nordwind GmbH", "phone": "040 1234567", "email": "post@nordwind.example"}


def warehouse(*records, told=None):
    told = verdicts() if told is None else told
    seq = pa.array(range(len(told)), pa.int64())
    return MemoryTables(
        {
            "intermediate.int_party__record": pa.Table.from_pylist(list(records), schema=SCHEMA),
            "staging.stg_decisions__identity_verdict": told.append_column("seq", seq),
            "policy.identity_setting": pa.Table.from_pylist(seed("setting")),
            "policy.identity_weight": pa.Table.from_pylist(seed("weight")),
            "policy.identity_source": pa.Table.from_pylist(sources()),
        }
    )


def test_the_policy_that_comes_with_the_project_is_sound():
    policy = parse_policy(seed("setting"), sources())
    model = parse_model(seed("setting"), seed("weight"))
    assert policy.auto_threshold >= 0.95
    assert policy.merge_within == []
    assert [{**row, "level": str(row["level"])} for row in weight_rows(model)] == [
        row | {"basis": "learnt"} for row in seed("weight")
    ]


@pytest.mark.parametrize(
    ("settings", "row"),
    [
        pytest.param(seed("setting")[1:], "auto_threshold", id="missing"),
        pytest.param(
            with_setting("auto_threshold", "1.5"),
            "auto_threshold",
            id="out of range",
        ),
        pytest.param(
            with_setting("review_threshold", "0.99"),
            "review_threshold",
            id="review above auto",
        ),
        pytest.param(
            [*seed("setting"), {"setting": "mood", "value": "1"}], "mood", id="unknown setting"
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_file_and_row(settings, row):
    with pytest.raises(UsageError) as error:
        parse_policy(settings, sources())
    assert f"identity_setting.csv, row {row}" in str(error.value)


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param(seed("weight")[1:], id="missing"),
        pytest.param([*seed("weight"), seed("weight")[0] | {"level": "9"}], id="no such level"),
        pytest.param([seed("weight")[0] | {"m": "1"}, *seed("weight")[1:]], id="no probability"),
    ],
)
def test_a_wrong_weight_is_refused_with_file_and_row(weights):
    with pytest.raises(UsageError) as error:
        parse_model(seed("setting"), weights)
    assert "identity_weight.csv, row name, level" in str(error.value)


def test_a_run_writes_its_tables_and_the_next_one_without_a_change_writes_none():
    tables = warehouse(record("erp:C1", **NORDWIND), record("crm:A1", **NORDWIND))
    facts = run_identity(tables, "2025-12-31")
    written = {name: tables.tables[f"analytics.{name}"] for name in OUTPUTS}
    assert facts["methods"] == {"PROBABILISTIC": 2}
    assert "█" in facts["shown"]["identity_pair"]["Pairs by decision"]
    again = run_identity(tables, "2026-01-01")
    assert again["compared"] == 0
    assert all(tables.tables[f"analytics.{name}"] is table for name, table in written.items())


def test_an_incremental_run_writes_what_a_first_run_would():
    told = verdicts(("erp:C1", "crm:A1", "different"))
    first = record("erp:C1", **NORDWIND)
    tables = warehouse(first, record("crm:A1", **NORDWIND))
    run_identity(tables, "2025-12-31")
    later = warehouse(first, record("crm:A1", **NORDWIND, city="Kiel"), record("crm:A2"), told=told)
    tables.tables.update(later.tables)
    run_identity(tables, "2025-12-31")
    run_identity(later, "2025-12-31")
    for name in OUTPUTS:
        assert tables.tables[f"analytics.{name}"].equals(later.tables[f"analytics.{name}"])


def test_another_policy_compares_everything_again():
    tables = warehouse(record("erp:C1", **NORDWIND), record("crm:A1", **NORDWIND))
    run_identity(tables, "2025-12-31")
    stricter = with_setting("auto_threshold", "0.999999999999999")
    tables.tables["policy.identity_setting"] = pa.Table.from_pylist(stricter)
    facts = run_identity(tables, "2025-12-31")
    assert facts["compared"] == 2


def test_what_is_learnt_is_written_where_the_build_reads_it(tmp_path):
    (tmp_path / "identity_setting.csv").write_bytes(
        (SEEDS_DIR / "policy" / "identity_setting.csv").read_bytes()
    )
    learnt = Learnt(seed("weight"), {"auto_threshold": 0.97}, ())
    write_policy(learnt, tmp_path)
    with (tmp_path / "identity_setting.csv").open(newline="") as handle:
        found = {row["setting"]: row["value"] for row in csv.DictReader(handle)}
    assert found["auto_threshold"] == "0.97"
    assert found["largest_block"] == "200"
    weights = (tmp_path / "identity_weight.csv").read_bytes()
    assert weights == (SEEDS_DIR / "policy" / "identity_weight.csv").read_bytes()


def test_a_folder_without_policy_is_refused(tmp_path):
    with pytest.raises(UsageError):
        write_policy(Learnt([], {}, ()), tmp_path)


def test_from_few_records_nothing_is_learnt_and_it_says_so():
    records = pa.Table.from_pylist([record("erp:C1", **NORDWIND)], schema=SCHEMA)
    learnt = learn(records, Policy())
    assert {row["basis"] for row in learnt.weights} == {"starting"}
    assert "fewer than 500 records" in learnt.notes[0]


def test_labels_are_read_and_other_columns_are_refused(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("left_id,right_id,is_match\nerp:C1,crm:A1,true\n")
    bad.write_text("one,other\nerp:C1,crm:A1\n")
    assert read_labels(good).to_pylist() == [
        {"left_id": "erp:C1", "right_id": "crm:A1", "is_match": True}
    ]
    for path in (bad, tmp_path / "nowhere.csv"):
        with pytest.raises(UsageError):
            read_labels(path)


def test_pictures_say_so_when_there_is_nothing_to_show():
    assert shown.bars({}) == shown.rows([]) == "Nothing."
    assert shown.steps([-1.0, 0.0, 9.0], 4) == {
        "-4 to 0": 1,
        "0 to 4": 1,
        "4 to 8": 0,
        "8 to 12": 1,
    }
    assert shown.bars({"few": 1, "none": 0, "many": 400}).count("█") == 41
