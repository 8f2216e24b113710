"""Proposals about definitions are listed and decided; experiments are planned once."""

import json

import duckdb
import pytest

from dagster_project.cli.main import run

OLA = ["--as", "ola", "--role", "segment_owner", "--reason", "customers expect less"]
FAY = ["--as", "fay", "--role", "finance", "--reason", "it pays"]
PROPOSAL = "2026-05|service:S2|OTIF"
MARTS = """
create schema marts;
use marts;
create table dim_customer_segment as select 'service' as scheme_id;
create table mart_adjustment_proposal as select '2026-05|service:S2|OTIF' as proposal_id,
    'service:S2|OTIF|2' as request_id, 'SLA_TARGET' as proposal_type, 'service' as scheme_id,
    '1' as from_version, '2' as to_version, 'service:S2' as segment_key, 'OTIF' as element,
    'LOWER' as direction, 0.95::double as target, 0.9::double as new_target,
    false as is_blocked_by_contract, 0 as entities_moved_count,
    2000.0::double as saving_per_quarter_group, 'it does not pay' as reason,
    null::varchar as request_state, true as is_next;
"""
PILOT = ["--segment", "service:S2", "--region", "DE", "--metric", "OTIF", "--start", "2026-07-01"]


@pytest.fixture(autouse=True)
def release(home):
    """A release with one proposal."""
    folder = home / "releases" / "R1"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "marts.duckdb")) as con:
        con.execute(MARTS)
    manifest = {"build_id": "b", "as_of": "2026-06-30", "published_at": "2026-07-01"}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"tables": {}, "data_through": {}}))
    (home / "current").symlink_to("releases/R1")


def taken(capsys, kind):
    capsys.readouterr()
    assert run(["decide", "list", "--kind", kind, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_proposals_are_listed_with_what_they_would_change(capsys):
    assert run(["decide", "definitions", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["proposal_id"], one["saving_per_quarter_group"]) == (PROPOSAL, 2000)
    assert run(["decide", "definitions"]) == 0
    assert "OTIF" in capsys.readouterr().out


def test_request_is_opened_by_the_first_verdict_and_needs_both_roles(capsys):
    assert run(["decide", "definition", "approve", PROPOSAL, *OLA]) == 0
    assert run(["decide", "definition", "approve", PROPOSAL, *OLA]) == 2
    assert run(["decide", "definition", "approve", "service:S2|OTIF|2", *FAY]) == 0
    acts = [(one["role"], one["payload"]["act"]) for one in taken(capsys, "definition_act")]
    assert acts == [("rule", "open"), ("segment_owner", "approve"), ("finance", "approve")]


def test_act_that_nobody_knows_is_refused(capsys):
    assert run(["decide", "definition", "adopt", PROPOSAL, *OLA]) == 2
    assert "approve, reject" in capsys.readouterr().err


def test_experiment_says_before_it_begins_what_judges_it(capsys):
    plan = ["decide", "experiment", "PILOT", *PILOT]
    assert run([*plan, "--end", "2026-12-01", *FAY]) == 0
    assert run([*plan, "--end", "2026-10-01", *FAY]) == 0
    assert run([*plan, "--end", "2026-10-01", "--basis", "LAST", *FAY]) == 2
    assert "basis" in capsys.readouterr().err
    assert [one["payload"]["end_month"] for one in taken(capsys, "experiment")] == [
        *("2026-12-01", "2026-10-01"),
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [(["--end", "2026-06-01"], "ends after"), (["--end", "2026-12-01", "--metric", "X"], "X")],
)
def test_experiment_that_cannot_be_judged_is_refused(capsys, changes, why):
    assert run(["decide", "experiment", "PILOT", *PILOT, *changes, *FAY]) == 2
    assert why in capsys.readouterr().err
