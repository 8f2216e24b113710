"""`tierline segments` tells what held on a day, as believed now or at a moment."""

import json

import duckdb
import pytest

from dagster_project.cli.main import run

BELIEFS = """
create schema marts;
use marts;
create table dim_customer_segment as select * from (values
    ('service', 'E1', 'S3', date '2025-01-01', date '9999-12-31', timestamp '2025-01-01',
        timestamp '2025-05-06'),
    ('service', 'E1', 'S3', date '2025-01-01', date '2025-05-15', timestamp '2025-05-06',
        timestamp '9999-12-31'),
    ('service', 'E1', 'S2', date '2025-05-15', date '9999-12-31', timestamp '2025-05-06',
        timestamp '9999-12-31'),
    ('service', 'E2', 'S4', date '2025-06-01', date '9999-12-31', timestamp '2025-06-01',
        timestamp '9999-12-31'),
    ('demand', 'E1', 'AX', date '2025-01-01', date '9999-12-31', timestamp '2025-01-01',
        timestamp '9999-12-31')
) as t(scheme_id, entity_id, segment_code, valid_from, valid_to, recorded_from, recorded_to);
alter table dim_customer_segment add column rule_id varchar default 'R';
alter table dim_customer_segment add column reason varchar default 'why';
"""


@pytest.fixture
def release(home):
    """A release with an upgrade of E1 from 15 May on, decided on 6 May."""
    folder = home / "releases" / "R1"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "marts.duckdb")) as con:
        con.execute(BELIEFS)
    manifest = {
        "release_id": "R1",
        "build_id": "b1",
        "as_of": "2025-06-30",
        "published_at": "2025-07-01T00:00:00+00:00",
        "tables": {},
        "data_through": {},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (home / "current").symlink_to("releases/R1")


def asked(capsys, *arguments: str) -> dict[str, str]:
    capsys.readouterr()
    assert run(["segments", *arguments, "--json"]) == 0
    return {row["entity_id"]: row["segment_code"] for row in json.loads(capsys.readouterr().out)}


def test_a_day_is_asked_as_it_is_believed_now(release, capsys):
    assert asked(capsys) == {"E1": "S2", "E2": "S4"}
    assert asked(capsys, "--as-of", "2025-05-14") == {"E1": "S3"}
    assert asked(capsys, "--as-of", "2025-05-15") == {"E1": "S2"}


def test_a_day_is_asked_as_it_was_believed_at_a_moment(release, capsys):
    day = ("--as-of", "2025-05-20", "--known-at")
    assert asked(capsys, *day, "2025-05-01") == {"E1": "S3"}
    assert asked(capsys, *day, "2025-05-06T00:00") == {"E1": "S2"}
    assert asked(capsys, *day, "2025-05-06T01:00+02:00") == {"E1": "S3"}
    assert asked(capsys, *day, "2024-12-31") == {}


def test_another_scheme_is_asked_by_its_name(release, capsys):
    assert asked(capsys, "--scheme", "demand") == {"E1": "AX"}


def test_a_person_sees_how_many_are_in_each_segment(release, capsys):
    assert run(["segments", "--as-of", "2025-05-20", "--known-at", "2025-05-01"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "as believed on 2025-05-01" in shown
    assert "S3" in shown


@pytest.mark.parametrize("wrong", [("--as-of", "May"), ("--known-at", "soon")])
def test_what_is_no_day_is_a_usage_error(release, wrong):
    assert run(["segments", *wrong]) == 2


def test_without_a_release_there_is_nothing_to_ask():
    assert run(["segments"]) == 2
