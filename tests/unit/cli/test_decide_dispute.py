"""`tierline decide dispute` keeps both values of a figure; `settle` ends it."""

import json

from dagster_project.cli.main import run

WHO = ["--as", "ola", "--role", "segment_owner", "--reason", "strike days"]
FIGURE = ["--metric", "otif_first", "--segment", "service:S1", "--month", "2026-05-01"]
VALUES = ["--own", "0.94", "--other", "0.88", "--with", "sales"]


def decisions(capsys, kind: str) -> list[dict]:
    capsys.readouterr()
    assert run(["decide", "list", "--kind", kind, "--json"]) == 0
    return [one["payload"] for one in json.loads(capsys.readouterr().out)]


def test_a_dispute_holds_both_values(capsys):
    assert run(["decide", "dispute", "D-7", *FIGURE, *VALUES, *WHO]) == 0
    (kept,) = decisions(capsys, "dispute")
    assert (kept["own_value"], kept["other_value"]) == ("0.940000", "0.880000")
    assert kept["other_party"] == "sales"


def test_a_name_stands_for_one_dispute(capsys):
    assert run(["decide", "dispute", "D-7", *FIGURE, *VALUES, *WHO]) == 0
    assert run(["decide", "dispute", "D-7", *FIGURE, *VALUES, *WHO]) == 2
    assert len(decisions(capsys, "dispute")) == 1


def test_what_was_disputed_can_be_settled_and_nothing_else(capsys):
    settle = ["--value", "0.91", "--as", "cora", "--role", "committee", "--reason", "half"]
    assert run(["decide", "settle", "D-7", *settle]) == 2
    assert run(["decide", "dispute", "D-7", *FIGURE, *VALUES, *WHO]) == 0
    assert run(["decide", "settle", "D-7", *settle]) == 0
    (kept,) = decisions(capsys, "dispute_settlement")
    assert kept == {"dispute_id": "D-7", "settled_value": "0.910000"}
