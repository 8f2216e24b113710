"""Only the judged build is published; a release appears whole or not at all."""

import gzip
import json
import shutil
import signal
import subprocess
import sys
import textwrap

import duckdb
import pytest
from release_home import make_build

from dagster_project.errors import LockedError, RedError, TierlineError, UsageError
from dagster_project.release import current_release, gate, list_releases, publish
from dagster_project.release.files import exclusive
from dagster_project.release.releases import history, lock_path
from dagster_project.settings import Settings


@pytest.fixture
def green(built, suites):
    assert gate(built, suites_dir=suites).passed
    return built


def _next_build(settings, suites, build_id="b2", as_of="2026-01-01"):
    make_build(settings, build_id, as_of)
    assert gate(settings, suites_dir=suites).passed


def _builds_in(release) -> set[str]:
    con = duckdb.connect(str(release.database), read_only=True)
    rows = con.execute(
        "select build_id from fct_order_line union select build_id from dim_customer"
        " union select build_id from release_info"
    ).fetchall()
    con.close()
    return {row[0] for row in rows}


def test_release_has_what_readers_need(green):
    release = publish(green)
    assert release.release_id == "2025-12-31-b1"
    assert green.current_link.resolve() == release.path
    manifest = json.loads((green.current_link / "manifest.json").read_text())
    assert manifest["tables"]["fct_order_line"]["rows"] == 500
    assert manifest["data_through"]["finance.gl_balance"].startswith("2026-01-01")
    assert manifest["audit_head"] is None
    parquet = release.path / "parquet" / "fct_order_line" / "*.parquet"
    assert duckdb.sql(f"select count(*) from '{parquet}'").fetchall() == [(500,)]
    assert _builds_in(release) == {"b1"}
    assert "Every gate is open" in (release.path / "gates" / "index.html").read_text()
    assert (release.path / "report" / "index.html").exists()
    if manifest["dbt_manifest"]:
        with gzip.open(release.path / manifest["dbt_manifest"]) as handle:
            assert json.load(handle)["nodes"]


def test_released_tables_have_the_digest_of_the_manifest(green):
    from dagster_project.release.digest import schema_digests

    release = publish(green)
    con = duckdb.connect(str(release.database), read_only=True)
    found = schema_digests(con, "main")
    con.close()
    for table, digest in release.tables.items():
        assert found[table].as_dict() == digest


def test_pages_need_no_network(green):
    release = publish(green)
    for page in release.path.glob("*/index.html"):
        text = page.read_text()
        assert "http" not in text
        assert "<script" not in text


def test_nothing_in_a_release_is_left_writable_or_unfinished(green):
    release = publish(green)
    files = [path for path in release.path.rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o222 == 0 for path in files)
    assert not [path for path in files if path.suffix in (".wal", ".tmp")]


def test_build_that_was_not_judged_is_refused(built):
    with pytest.raises(RedError, match="was not judged"):
        publish(built)
    assert current_release(built) is None


def test_red_build_is_refused_and_readers_keep_the_last_good_release(green, suites, tamper):
    publish(green)
    make_build(green, "b2", "2026-01-01")
    tamper("update marts.fct_control_result set status = 'FAIL' where control_id = 'R-01'")
    gate(green, suites_dir=suites)
    with pytest.raises(RedError, match="R-01"):
        publish(green)
    assert current_release(green).build_id == "b1"
    assert _builds_in(current_release(green)) == {"b1"}


def test_release_says_what_was_waived_and_explained_and_by_whom(built, suites, tamper):
    tamper(
        "update marts.fct_control_result set status = 'FAIL', waived_by = 'fay',"
        " waiver_reason = 'ledger is late', waiver_expires_date = '2026-01-15'"
        " where control_id = 'R-01'"
    )
    tamper(
        "update marts.fct_control_result set status = 'EXPLAINED', explained_amount = 12.5,"
        " explained_by = 'anna', explained_evidence = 'journal 4711' where control_id = 'R-02'"
    )
    gate(built, suites_dir=suites)
    release = publish(built)
    manifest = json.loads((release.path / "manifest.json").read_text())
    assert [w["waived_by"] for w in manifest["waivers"]] == ["fay"]
    assert [e["explained_by"] for e in manifest["explanations"]] == ["anna"]
    page = (release.path / "gates" / "index.html").read_text()
    assert "Every gate is open" not in page
    for word in ("fay, finance", "ledger is late", "2026-01-15", "anna", "journal 4711"):
        assert word in page
    assert "waived by finance" in (release.path / "report" / "index.html").read_text()


def test_receipt_of_another_build_does_not_help(green):
    make_build(green, "b2")
    with pytest.raises(RedError, match="b2 was not judged"):
        publish(green)
    shutil.copy(green.receipts_dir / "b1.json", green.receipts_dir / "b2.json")
    with pytest.raises(RedError, match="belongs to another build"):
        publish(green)


def test_torn_receipt_is_refused(green):
    (green.receipts_dir / "b1.json").write_text('{"build_id": "b1", "gr')
    with pytest.raises(RedError, match="cannot be read"):
        publish(green)


def test_table_changed_after_the_gate_is_refused_and_named(green, tamper):
    tamper("update marts.dim_customer set customer_id = 'C9' where customer_id = 'C1'")
    with pytest.raises(RedError, match="dim_customer"):
        publish(green)


def test_table_added_after_the_gate_is_refused(green, tamper):
    tamper("create table marts.extra as select 1 as one")
    with pytest.raises(RedError, match="extra"):
        publish(green)


def test_same_tables_in_a_rebuilt_file_are_still_judged(green):
    make_build(green)
    assert publish(green).is_new


def test_build_that_was_started_after_the_gate_is_refused(green, tamper):
    tamper("delete from state.build")
    with pytest.raises(RedError, match="being changed"):
        publish(green)


def test_same_build_again_writes_nothing(green):
    first = publish(green)
    second = publish(green)
    assert (first.is_new, second.is_new) == (True, False)
    assert second.published_at == first.published_at
    assert len(history(green)) == 1


def test_other_build_than_expected_is_a_usage_error(green):
    with pytest.raises(UsageError):
        publish(green, build_id="b7")


def test_two_publications_at_once_do_not_meet(green):
    with exclusive(lock_path(green)), pytest.raises(LockedError, match="publishing"):
        publish(green)


def test_failure_while_writing_leaves_nothing_behind(green, suites, monkeypatch):
    from dagster_project.release import contents

    publish(green)
    _next_build(green, suites)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(contents, "gate_page", full)
    with pytest.raises(TierlineError, match="No space left") as caught:
        publish(green)
    assert "free" in str(caught.value)
    assert [r.build_id for r in list_releases(green)] == ["b1"]
    assert not list(green.releases_dir.glob(".tmp-*"))
    assert current_release(green).build_id == "b1"
    monkeypatch.undo()
    assert publish(green).build_id == "b2"


def _run(settings: Settings, before: str) -> subprocess.CompletedProcess:
    """Publish in a process of its own, after some lines that spoil it."""
    code = f"""
        import os, resource, signal
        from pathlib import Path
        from dagster_project.settings import Settings
        from dagster_project.release import publish
        from dagster_project.release import contents, files, releases
        from dagster_project.release.publish import publish as publish
        import sys
        module = sys.modules["dagster_project.release.publish"]
        die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
        settings = Settings(env="ci", home=Path({str(settings.home)!r}), memory_limit="1GB")
        """
    lines = [textwrap.dedent(code), before, "publish(settings)"]
    return subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("contents._write_table = die", id="before the first table"),
        pytest.param("contents.report_page = die", id="after the tables"),
        pytest.param("contents.write_json = die", id="before the manifest"),
        pytest.param("module.sync_tree = die", id="before it is durable"),
        pytest.param("module._show = die", id="between rename and swap"),
        pytest.param("releases.point_link = die", id="before the swap"),
        pytest.param("releases.append_line = die", id="between swap and history"),
    ],
)
def test_killed_publication_never_breaks_current_and_the_next_one_succeeds(green, suites, where):
    publish(green)
    _next_build(green, suites)
    assert _run(green, where).returncode == -signal.SIGKILL
    seen = current_release(green)
    assert _builds_in(seen) == {seen.build_id}
    release = publish(green)
    assert (release.build_id, release.is_current) == ("b2", True)
    assert _builds_in(release) == {"b2"}
    assert not list(green.releases_dir.glob(".tmp-*"))
    assert [move["release_id"] for move in history(green)] == ["2025-12-31-b1", "2026-01-01-b2"]


def test_full_disk_is_an_error_in_words_and_current_is_untouched(green, suites):
    publish(green)
    _next_build(green, suites)
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))"
    found = _run(green, f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN); {limit}")
    assert found.returncode == 1, found.stderr
    assert "could not be written; readers keep the one they have" in found.stderr
    assert current_release(green).build_id == "b1"
    assert not list(green.releases_dir.glob(".tmp-*"))
    assert publish(green).build_id == "b2"


def test_home_can_be_moved(green, tmp_path):
    publish(green)
    green.home.rename(tmp_path / "moved")
    moved = Settings(env="ci", home=tmp_path / "moved")
    assert _builds_in(current_release(moved)) == {"b1"}
    assert publish(moved).is_new is False
