"""`tierline policy` says who would move and what is wrong, and changes nothing."""

import json
import shutil
from dataclasses import replace
from datetime import datetime

import duckdb
import pyarrow as pa
import pytest
from unit.segmentation.segment_warehouse import COUNT, warehouse

from dagster_project.analytics.tables import DuckDBTables, MemoryTables
from dagster_project.cli.main import run
from dagster_project.cli.policy import app
from dagster_project.errors import EXIT_ENVIRONMENT, EXIT_OK, EXIT_RED, EXIT_USAGE
from dagster_project.schemes.backtest import backtest as run_backtest
from dagster_project.schemes.diff import last_segments
from dagster_project.schemes.reader import read_folder, read_history, the_scheme
from dagster_project.segmentation.run import run_segmentation
from dagster_project.settings import SEEDS_DIR, get_settings

POLICY = SEEDS_DIR / "policy"
COMMANDS = sorted(command.callback.__name__ for command in app.registered_commands)
READING = (["sensitivity"], ["backtest"], ["attributes"], ["fitness"])


def marts():
    """Every other customer asks for six days, the rest for two; of demand nothing is known."""
    who = [f"E{k:02d}" for k in range(COUNT)]
    asked = [datetime(2024, 1, 3 if k % 2 else 7) for k in range(COUNT)]
    nothing = pa.array([None] * COUNT, pa.float64())
    return {
        "marts.fct_order_line": pa.table(
            {"entity_id": who, "ordered_at": [datetime(2024, 1, 1)] * COUNT, "due_req_at": asked}
        ),
        "marts.mart_demand_class": pa.table({"entity_id": who, "cv2": nothing}),
        "marts.fct_shipment_line": pa.table(
            {"entity_id": who * 2, "shipment_id": [f"H{k}" for k in range(2 * COUNT)]}
            | {"to_site_id": who * 2}
        ),
    }


@pytest.fixture
def built(home):
    """A home with a work file of forty customers and two years."""
    work = home / "work"
    work.mkdir(parents=True)
    con = duckdb.connect(str(work / "warehouse.duckdb"))
    tables = DuckDBTables(con)
    company = warehouse()
    run_segmentation(company, "2024-12-31")
    for name, table in (company.tables | marts()).items():
        tables.write(name, table)
    con.close()
    (work / "build.json").write_text(json.dumps({"as_of": "2024-12-31"}))
    return home


@pytest.fixture
def other(tmp_path):
    """A policy folder in which the first tier is won earlier."""
    folder = tmp_path / "other"
    shutil.copytree(POLICY, folder)
    limits = folder / "segment_threshold.csv"
    limits.write_text(limits.read_text().replace("service,S1,85,78", "service,S1,70,66"))
    return folder


def data(capsys):
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_an_example_and_json(name, capsys):
    assert run(["policy", name, "--help"]) == EXIT_OK
    shown = capsys.readouterr().out
    assert f"Example: tierline policy {name}" in shown
    assert "--json" in shown


def test_policy_that_ships_passes(capsys):
    assert run(["policy", "lint"]) == EXIT_OK
    assert "No mistake" in capsys.readouterr().out


def test_mistake_is_exit_code_1_and_names_file_row_column_and_cure(other, capsys):
    path = other / "scheme_attribute.csv"
    path.write_text(path.read_text().replace("gross_margin,", "shoe_size,"))
    assert run(["policy", "lint", str(other)]) == EXIT_RED
    shown = capsys.readouterr().out
    assert "scheme_attribute.csv, row 3, attribute_id" in shown
    assert "'shoe_size'. Write one of" in shown
    assert run(["policy", "lint", str(other), "--json"]) == EXIT_RED
    (one,) = data(capsys)["findings"]
    assert (one["file"], one["row"], one["column"]) == ("scheme_attribute.csv", 3, "attribute_id")


def test_diff_counts_those_who_would_move(built, other, capsys):
    assert run(["policy", "diff", str(POLICY), str(other), "--json"]) == EXIT_OK
    found = data(capsys)
    assert found["customers"] == COUNT
    assert found["movers"] == sum(row["customers"] for row in found["moves"]) > 0
    # Whoever was in S1 for a while has also further to fall.
    assert [(row["from"], row["to"]) for row in found["moves"]] == [("S2", "S1"), ("S3", "S2")]
    assert run(["policy", "diff", str(POLICY), str(other), "--top", "1"]) == EXIT_OK
    shown = capsys.readouterr().out
    assert f"{found['movers']} of {COUNT} customers would move" in shown
    assert found["largest"][0]["entity_id"] in shown
    assert found["largest"][1]["entity_id"] not in shown


def test_diff_goes_from_the_folder_named_to_the_policy_in_force(built, other, capsys):
    assert run(["policy", "diff", str(other), "--json"]) == EXIT_OK
    moves = data(capsys)["moves"]
    assert [(row["from"], row["to"]) for row in moves] == [("S1", "S2"), ("S2", "S3")]


def test_diff_of_a_policy_with_itself_moves_nobody(built, capsys):
    assert run(["policy", "diff", str(POLICY), "--json"]) == EXIT_OK
    assert data(capsys)["movers"] == 0


def said_by_people_and_contracts():
    """E00 has a contract for the best tier, E01 is set to S1, E02 asked once for S4."""
    day = datetime(2023, 9, 1).date()
    contract = {"entity_id": "E00", "contract_id": "K1", "version": 1, "tier_floor": "S1"}
    contract |= {"start_date": day, "end_date": None, "known_date": day, "known_until_date": None}
    requests, verdicts = [], []
    for seq, (entity, to, until) in enumerate(
        [("E01", "S1", datetime(2025, 12, 31).date()), ("E02", "S4", None)], start=1
    ):
        said = {"seq": 2 * seq, "decided_at": datetime(2024, 11, 1), "subject": "s"}
        said |= {"actor": "anna", "role": "sales", "reason": "r", "request_id": f"R{seq}"}
        said |= {"scheme_id": "service", "entity_id": entity, "from_segment": "S3"}
        said |= {"to_segment": to, "effective_date": datetime(2024, 12, 20).date()}
        said |= {"holds_until": until, "reason_code": "OTHER", "origin": "MANUAL"}
        said |= {"is_emergency": False, "parent_request_id": None, "attachment": None}
        said |= {"route": "UP", "roles_needed": "segment_owner", "release_id": None}
        said |= {"expires_on": datetime(2025, 1, 1).date(), "revenue_12_months": None}
        requests.append(said)
        yes = {"seq": 2 * seq + 1, "decided_at": datetime(2024, 11, 2), "subject": "s"}
        yes |= {"actor": "ola", "role": "segment_owner", "reason": "r", "request_id": f"R{seq}"}
        verdicts.append(
            yes | {"act": "approve", "on_behalf_of": None, "entity_id": None, "outcome": "COUNTED"}
        )
    nobody = pa.nulls(1, pa.date32())
    contracts = pa.Table.from_pylist([contract]).drop(["end_date", "known_until_date"])
    contracts = contracts.append_column("end_date", nobody)
    return {
        "intermediate.int_segment__contract": contracts.append_column("known_until_date", nobody),
        "staging.stg_decisions__segment_request": pa.Table.from_pylist(requests),
        "staging.stg_decisions__segment_request_verdict": pa.Table.from_pylist(verdicts),
    }


@pytest.fixture
def agreed(built):
    """The home after a build that heard a contract, an override and a request."""
    company = warehouse()
    company.tables |= said_by_people_and_contracts()
    run_segmentation(company, "2024-12-31")
    con = duckdb.connect(str(built / "work" / "warehouse.duckdb"))
    for name, table in company.tables.items():
        DuckDBTables(con).write(name, table)
    con.close()
    return company.tables


def segments_of(tables):
    """Segment last decided by the build, by customer."""
    events = tables["analytics.segment_event"].to_pylist()
    return {row["entity_id"]: row["to_segment_code"] for row in events}


def test_policy_in_force_is_replayed_to_what_the_build_decided(built, agreed):
    before = segments_of(warehouse_alone())
    decided = segments_of(agreed)
    assert {name for name in decided if decided[name] != before[name]} >= {"E00", "E01", "E02"}
    assert [decided[name] for name in ("E00", "E01", "E02")] == ["S1", "S1", "S4"]
    history = read_history(get_settings())
    scheme = the_scheme(read_folder(POLICY), None)
    replayed = dict(zip(history.entities.entity_id, last_segments(history, scheme), strict=True))
    assert replayed == decided


def warehouse_alone():
    company = warehouse()
    run_segmentation(company, "2024-12-31")
    return company.tables


def test_diff_of_the_unchanged_policy_moves_nobody_whatever_was_agreed(agreed, capsys):
    assert run(["policy", "diff", str(POLICY), "--json"]) == EXIT_OK
    assert data(capsys)["movers"] == 0


def test_diff_moves_nobody_whom_a_contract_or_a_person_holds(agreed, tmp_path, capsys):
    folder = tmp_path / "strict"
    shutil.copytree(POLICY, folder)
    limits = folder / "segment_threshold.csv"
    limits.write_text(limits.read_text().replace("service,S1,85,78", "service,S1,99,98"))
    assert run(["policy", "diff", str(POLICY), str(folder), "--top", "100", "--json"]) == EXIT_OK
    movers = {row["entity_id"] for row in data(capsys)["largest"]}
    assert movers
    assert not movers & {"E00", "E01"}


def test_backtest_holds_to_contracts_and_requests_too(agreed):
    history = read_history(get_settings())
    scheme = the_scheme(read_folder(POLICY), None)
    alone = replace(history, promises=MemoryTables({}), decisions=())
    told, untold = (
        [(one.changes, one.misassignment) for one in run_backtest(past, scheme)]
        for past in (history, alone)
    )
    assert told != untold


def test_where_approvals_are_enforced_diff_names_whom_people_would_be_asked_about(
    built, tmp_path, capsys
):
    folder = tmp_path / "enforced"
    shutil.copytree(POLICY, folder)
    scheme = folder / "segment_scheme.csv"
    scheme.write_text(scheme.read_text().replace(",false", ",true"))
    assert run(["policy", "diff", str(folder), str(folder), "--json"]) == EXIT_OK
    assert data(capsys)["movers"] == 0
    waiting = last_segments(read_history(get_settings()), the_scheme(read_folder(folder), None))
    enforced = the_scheme(read_folder(folder), None)
    outcome = read_history(get_settings()).replay(enforced)
    moved = [event for event in outcome.events if event.rule.startswith("THRESHOLD")]
    assert moved == []
    asked = [s for one in outcome.rulings for s in one.standing.values() if s.state == "WAITING"]
    latest = {event.entity: event.after for event in outcome.events}
    assert sum(waiting[k] != after for k, after in latest.items()) == len(asked) > 0


def test_sensitivity_names_each_attribute_of_the_scheme(built, capsys):
    assert run(["policy", "sensitivity", "--by", "0.5", "--json"]) == EXIT_OK
    rows = data(capsys)["attributes"]
    assert {row["attribute_id"] for row in rows} == {
        "net_revenue",
        "gross_margin",
        "order_count",
        "revenue_growth",
    }
    assert rows[0]["share"] == max(row["share"] for row in rows)
    assert run(["policy", "sensitivity"]) == EXIT_OK
    assert "net_revenue" in capsys.readouterr().out


def test_backtest_shows_six_policies_and_the_frontier_of_tiers(built, capsys):
    assert run(["policy", "backtest", "--json"]) == EXIT_OK
    found = data(capsys)
    assert len(found["policies"]) == 6
    assert any(row["is_efficient"] for row in found["policies"])
    assert [row["segments"] for row in found["granularity"]] == list(range(2, 9))
    assert run(["policy", "backtest"]) == EXIT_OK
    shown = capsys.readouterr().out
    assert "QUARTERLY" in shown
    assert "Knee" in shown


def test_attributes_are_judged_with_the_reason_for_each(built, capsys):
    assert run(["policy", "attributes", "--pin", "gross_margin", "--json"]) == EXIT_OK
    facts = {one["attribute_id"]: one for one in data(capsys)["attributes"]}
    # The margin of this company is a quarter of its revenue, so the two say the same.
    assert facts["gross_margin"]["reason"] == "pinned by policy"
    assert not facts["net_revenue"]["is_chosen"]
    assert facts["net_revenue"]["information_gain"] > facts["revenue_growth"]["information_gain"]
    assert run(["policy", "attributes"]) == EXIT_OK
    assert "Stability" in capsys.readouterr().out


def test_fitness_is_told_for_each_purpose_with_the_reason_where_it_is_unknown(built, capsys):
    assert run(["policy", "fitness", "--json"]) == EXIT_OK
    found = {one["purpose"]: one for one in data(capsys)}
    assert 0 <= found["SERVICE_DIFFERENTIATION"]["eta_squared"] <= 1
    assert found["SERVICE_DIFFERENTIATION"]["is_its_purpose"]
    assert found["DEMAND_PLANNING"]["why_none"] == "fewer than two segments with an outcome"
    assert found["NETWORK_DESIGN"]["why_none"] == "the outcome is the same for everyone"
    assert run(["policy", "fitness"]) == EXIT_OK
    assert "SERVICE_DIFFERENTIATION" in capsys.readouterr().out


def test_fitness_with_two_active_schemes_for_one_purpose_is_red(built, other, monkeypatch, capsys):
    path = other / "segment_scheme.csv"
    row = path.read_text().splitlines()[1]
    path.write_text(path.read_text() + row.replace("service,", "other,", 1) + "\n")
    monkeypatch.setenv("TIERLINE_POLICY_DIR", str(other))
    get_settings.cache_clear()
    assert run(["policy", "fitness"]) == EXIT_RED
    assert "2 active schemes" in capsys.readouterr().err


def test_nothing_is_written_to_the_home(built, other):
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*") if path.is_file()}
    for arguments in (["diff", str(other)], ["lint"], *READING):
        assert run(["policy", *arguments]) == EXIT_OK
    assert {p: p.stat().st_mtime_ns for p in built.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("command", [*READING, ["diff", str(POLICY)]])
def test_home_without_a_build_says_what_to_do(command, capsys):
    assert run(["policy", *command]) == EXIT_ENVIRONMENT
    assert "tierline build" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["lint", "/nonexistent"], id="no such folder to check"),
        pytest.param(["diff", "/nonexistent"], id="no such folder to compare"),
        pytest.param(["diff", str(POLICY), "--scheme", "network"], id="no such scheme"),
        pytest.param(["sensitivity", "--by", "2"], id="change that is no share"),
        pytest.param(["attributes", "--pin", "shoe_size"], id="no such attribute"),
        pytest.param(["backtest", "--scheme", "network"], id="no such scheme to replay"),
    ],
)
def test_wrong_call_is_exit_code_2(built, arguments, capsys):
    assert run(["policy", *arguments]) == EXIT_USAGE
    assert capsys.readouterr().err
