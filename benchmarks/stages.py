"""The pipeline's own cost: landing, build, gate and publication in one fresh process.

``land_to_release`` measures a full build or one more day, ``compare_with_rebuild`` shows that the
two lead to the same tables. The extracts are simulated once per size and kept.
"""

import shutil
from pathlib import Path
from typing import Any

from benchmarks.process import (
    Clock,
    Measured,
    answer_with,
    run_measured,
    say,
    seconds_since_start,
)
from dagster_project.errors import RedError
from dagster_project.settings import Settings

TAIL_DAYS = 2
"""How many days of a simulated company come after the full build."""


def extracts_of(size: str, seed: int, folder: Path) -> Path:
    """Simulate a company once; later runs find it there.

    Its last two days are held back: an ordinary one, and the one that closes month and year.
    """
    out = folder / f"extracts-{seed}"
    if len(list(out.glob("tail/*"))) != TAIL_DAYS or not (out / "truth.json").exists():
        from dagster_project.simulator import simulate

        say(f"simulating a company of size {size} (kept in {out})")
        shutil.rmtree(out, ignore_errors=True)
        simulate(size, seed, out, tail_days=TAIL_DAYS)
    return out


def parse_project() -> None:
    """Let dbt parse the project, as `make setup` does, so that no build pays for it."""
    run_measured("benchmarks.stages", ["parse"], {})


def land_to_release(settings: Settings, delivery: Path, full: bool) -> Measured:
    """Land a delivery, build, judge and publish.

    The result's ``stages`` add up to the wall clock, from the start of the process to its exit.
    """
    arguments = ["release", str(delivery), "full" if full else "incremental"]
    measured = run_measured("benchmarks.stages", arguments, {"TIERLINE_HOME": str(settings.home)})
    stages = measured.result["stages"]
    stages["exit"] = measured.seconds - sum(stages.values())
    return measured


def compare_with_rebuild(settings: Settings) -> dict[str, Any]:
    """Rebuild from raw and name the marts whose content changed by it."""
    environment = {"TIERLINE_HOME": str(settings.home)}
    return run_measured("benchmarks.stages", ["verify"], environment).result


def main(arguments: list[str]) -> dict[str, Any]:
    """Run one part: ``parse``, ``release DELIVERY full|incremental`` or ``verify``."""
    from dagster_project.settings import get_settings

    settings, part = get_settings(), arguments[0]
    if part == "parse":
        from dagster_project.warehouse.manifest import ensure_manifest

        return {"manifest": str(ensure_manifest(settings))}
    if part == "verify":
        return _verify(settings)
    return _release(settings, Path(arguments[1]), arguments[2] == "full")


def _release(settings: Settings, delivery: Path, full: bool) -> dict[str, Any]:
    start = seconds_since_start()
    from dagster_project.pipeline import refresh, require_release

    done = refresh(settings, delivery, full=full)
    require_release(done)
    build = done.seconds.pop("build")
    stages = {f"build: {name}": seconds for name, seconds in done.built.stages.items()}
    seconds = {"start": start, "land": done.seconds["land"]}
    seconds |= {"build: imports": build - sum(stages.values())} | stages
    seconds |= {name: done.seconds[name] for name in ("gate", "publish")}
    return {
        "stages": seconds,
        "full": done.built.full,
        "as_of": done.built.as_of,
        "rows_landed": done.landed.landed_rows,
        "rows_published": sum(entry["rows"] for entry in done.release.tables.values()),
        "order_lines": done.release.tables["fct_order_line"]["rows"],
        "nodes": len(done.built.dbt_results),
        "release": str(done.release.path),
    }


def _verify(settings: Settings) -> dict[str, Any]:
    from dagster_project.warehouse.build import build

    before = _digests(settings)
    clock = Clock()
    with clock.measure("build"):
        result = build(settings, full=True)
    if not result.ok:
        red = ", ".join(f"{node.name}: {node.message}" for node in result.failures[:5])
        raise RedError("The rebuild is red; there is nothing to compare.", red, "Correct it.")
    after = _digests(settings)
    return {
        "tables": len(after),
        "different": sorted(t for t in {*before, *after} if before.get(t) != after.get(t)),
        "rebuild_seconds": clock.seconds["build"],
    }


def _digests(settings: Settings) -> dict[str, Any]:
    import duckdb

    from dagster_project.release.digest import schema_digests

    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        return schema_digests(con, "marts")


if __name__ == "__main__":
    answer_with(main)
