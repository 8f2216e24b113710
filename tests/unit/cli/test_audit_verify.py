"""`tierline audit` names each check and the decision at fault, and writes what an auditor needs."""

import json
import sqlite3

from dagster_project.cli.main import run

WHO = ["--as", "anna", "--role", "sales", "--reason", "one contract"]
CHECKS = [f"A{number}" for number in range(1, 9)]


def _json(capsys, *arguments: str) -> tuple[int, object]:
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def _decide(count: int) -> None:
    for number in range(count):
        assert run(["decide", "same", "a", f"b{number}", *WHO]) == 0


def test_every_check_is_named_with_its_status(capsys):
    _decide(2)
    capsys.readouterr()
    code, found = _json(capsys, "audit", "verify")
    assert (code, found["decisions"]) == (0, 2)
    assert [one["check_id"] for one in found["checks"]] == CHECKS
    assert {one["status"] for one in found["checks"]} == {"PASS", "NO_DATA"}
    assert run(["audit", "verify"]) == 0
    shown = capsys.readouterr().out
    assert all(check in shown for check in CHECKS)
    assert f"Anchor: 2:{found['hash']}" in shown


def test_a_flipped_byte_is_red_and_the_decision_is_named(capsys, home):
    _decide(3)
    path = home / "decisions.db"
    data = bytearray(path.read_bytes())
    data[data.index(b"a|b1")] ^= 1
    path.write_bytes(data)
    capsys.readouterr()
    code, found = _json(capsys, "audit", "verify")
    (red,) = [one for one in found["checks"] if one["status"] == "FAIL"]
    assert (code, red["check_id"], red["seq"]) == (1, "A1", 2)
    assert run(["audit", "verify"]) == 1
    assert "A1 is red at decision 2" in capsys.readouterr().err


def test_a_release_that_saw_more_decisions_turns_the_chain_red(capsys, home):
    _decide(2)
    capsys.readouterr()
    _, found = _json(capsys, "audit", "verify")
    folder = home / "releases" / "R1"
    folder.mkdir(parents=True)
    head = {"seq": 2, "hash": found["hash"]}
    (folder / "manifest.json").write_text(json.dumps({"audit_head": head}))
    assert run(["audit", "verify"]) == 0
    with sqlite3.connect(home / "decisions.db") as con:
        con.execute("drop trigger decision_no_delete")
        con.execute("delete from decision where seq = 2")
    assert run(["audit", "verify"]) == 1
    assert "release R1 saw 2" in capsys.readouterr().err.replace("\n", " ")


def test_the_export_holds_every_decision_and_says_its_head(capsys, tmp_path):
    _decide(3)
    capsys.readouterr()
    path = tmp_path / "decisions.jsonl"
    code, found = _json(capsys, "audit", "export", str(path))
    assert (code, found["seq"]) == (0, 3)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [one["seq"] for one in lines] == [1, 2, 3]
    assert lines[-1]["hash"] == found["hash"]
    assert run(["audit", "export", str(path)]) == 0
    assert "verify_decisions.py" in capsys.readouterr().out
