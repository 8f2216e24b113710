"""A frozen set never changes: late data make a new release, a re-run makes a new version."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import UsageError
from dagster_project.refresh import freeze, frozen_sets
from dagster_project.settings import Settings


def release(settings: Settings, release_id: str, tier: str) -> None:
    """Make a release with one customer current, by the layout that readers rely on."""
    folder = settings.releases_dir / release_id
    folder.mkdir(parents=True)
    con = duckdb.connect(str(folder / "marts.duckdb"))
    con.execute(
        "create table dim_customer_segment as select 'service' as scheme_id, 'C1' as entity_id,"
        f" '{tier}' as segment_code, 'service:{tier}' as segment_key, date '2026-01-01' as"
        " valid_from, date '9999-12-31' as valid_to, 1 as event_seq, true as is_current"
    )
    con.close()
    settings.current_link.unlink(missing_ok=True)
    settings.current_link.symlink_to(Path("releases") / release_id)


@pytest.fixture
def settings(tmp_path):
    home = Settings(home=tmp_path)
    release(home, "2026-01-14-a", "S1")
    return home


def tiers(settings, frozen):
    file = frozen.folder(settings) / "segments.parquet"
    return duckdb.sql(f"select segment_code from '{file}'").fetchall()


def test_late_data_change_the_release_but_not_the_frozen_set(settings):
    first = freeze(settings, "MONTHLY_SNOP", "2025-12", "2026-01-06T06:00:00Z")
    before = (first.folder(settings) / "segments.parquet").read_bytes()
    release(settings, "2026-01-15-b", "S3")
    assert (first.folder(settings) / "segments.parquet").read_bytes() == before
    assert tiers(settings, first) == [("S1",)]
    assert frozen_sets(settings) == [first]
    assert first.rows == 1
    assert not first.is_degraded


def test_freezing_again_needs_a_reason_and_is_a_new_version(settings):
    first = freeze(settings, "MONTHLY_SNOP", "2025-12", "2026-01-06T06:00:00Z")
    release(settings, "2026-01-15-b", "S3")
    with pytest.raises(UsageError, match="already"):
        freeze(settings, "MONTHLY_SNOP", "2025-12", "2026-01-06T06:00:00Z", reason=" ")
    second = freeze(
        settings, "MONTHLY_SNOP", "2025-12", "2026-01-06T06:00:00Z", reason="order feed corrected"
    )
    assert (second.version, second.reason) == (2, "order feed corrected")
    assert tiers(settings, first) == [("S1",)]
    assert tiers(settings, second) == [("S3",)]
    assert [one.version for one in frozen_sets(settings)] == [1, 2]


def test_a_degraded_run_is_marked_with_the_feeds_that_were_late(settings):
    frozen = freeze(settings, "WEEKLY_DEMAND", "2026-W03", "x", feeds_behind=("wms.shipment",))
    assert frozen.is_degraded
    assert frozen.feeds_behind == ("wms.shipment",)


def test_without_a_release_there_is_nothing_to_freeze(tmp_path):
    with pytest.raises(UsageError, match="nothing to freeze"):
        freeze(Settings(home=tmp_path), "WEEKLY_DEMAND", "2026-W03", "x")


def test_a_half_written_set_is_swept_away(settings):
    place = settings.home / "frozen" / "WEEKLY_DEMAND" / "2026-W03"
    (place / ".tmp-v1").mkdir(parents=True)
    frozen = freeze(settings, "WEEKLY_DEMAND", "2026-W03", "x")
    assert frozen.version == 1
    assert not list(place.glob(".tmp-*"))
