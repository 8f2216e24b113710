"""A new home has no data, no build and no release, and says so without failing."""

import json

from dagster_project.cli.main import run
from dagster_project.ingestion import load_contracts


def test_status_of_a_new_home_lists_every_feed_as_never_delivered(capsys):
    assert run(["status", "--json"]) == 0

    facts = json.loads(capsys.readouterr().out)
    assert len(facts["feeds"]) == len(load_contracts())
    assert all(feed["batches"] == {} for feed in facts["feeds"])
    assert facts["build"] is None
    assert facts["release"] is None


def test_status_for_people_says_what_to_do_first(capsys):
    assert run(["status"]) == 0
    assert "tierline land" in capsys.readouterr().out


def test_releases_of_a_new_home_are_an_empty_list(capsys):
    assert run(["releases", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_doctor_finds_this_machine_fit(capsys):
    assert run(["doctor", "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)
    assert {check["verdict"] for check in checks} <= {"ok", "warn"}


def test_reading_a_new_home_leaves_nothing_behind(home):
    for command in ("status", "releases", "doctor"):
        run([command])
    assert not home.exists()


def test_build_without_data_says_which_feeds_are_missing(capsys):
    assert run(["build"]) == 3
    assert "erp.customer" in capsys.readouterr().err
