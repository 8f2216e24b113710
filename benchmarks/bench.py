"""`make bench SIZE=M`: every measurement in one run, printed with the machine that it is of.

    python -m benchmarks.bench --size XS --verify

The order matters: the bare SQL and the data frames start from the full build, before the days that
follow change the work file.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks import bare_sql, core_results, report, stages
from benchmarks.process import say
from dagster_project.errors import TierlineError
from dagster_project.settings import PROJECT_ROOT, Settings

SIZES = ("XS", "S", "M", "L")


def arguments_of(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="S", help="size of the company")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same company")
    parser.add_argument(
        "--extracts", type=Path, help="simulated before with a tail, instead of --size and --seed"
    )
    parser.add_argument("--verify", action="store_true", help="rebuild after the days and compare")
    parser.add_argument("--skip-core", action="store_true", help="leave pandas and polars out")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser.parse_args(words)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure everything for one company; the home of the run is kept until the next one."""
    folder = PROJECT_ROOT / ".tierline" / "bench" / options.size
    folder.mkdir(parents=True, exist_ok=True)
    extracts = options.extracts or stages.extracts_of(options.size, options.seed, folder)
    days = sorted((extracts / "tail").iterdir())
    settings = Settings(home=folder / "home")
    shutil.rmtree(settings.home, ignore_errors=True)
    stages.parse_project()
    facts = {"size": options.size, "machine": report.machine(settings)}

    say("full build: land, build, gate, publish")
    full = stages.land_to_release(settings, extracts / "landing", full=True)
    facts["full"] = full.facts()
    say("bare SQL: the same models in one DuckDB process")
    facts["bare"] = bare_sql.measure(settings).result
    if not options.skip_core:
        facts["core"] = _core(settings, folder / "core", facts["bare"]["models"])
    facts["days"] = {}
    for day in days:
        say(f"one more day: {day.name}")
        facts["days"][day.name] = stages.land_to_release(settings, day, full=False).facts()
    if options.verify:
        say("rebuilding in full to compare")
        facts["verify"] = stages.compare_with_rebuild(settings)
    facts["verdicts"] = report.verdicts(facts)
    return facts


def _core(settings: Settings, folder: Path, models: dict[str, float]) -> dict[str, Any]:
    """Measure the data frame libraries; one that fails says so and the rest goes on."""
    say("core results: writing their inputs")
    facts: dict[str, Any] = {"export_seconds": core_results.export(settings, folder)}
    facts["duckdb"] = {
        result: sum(models[name] for name in names) for result, names in core_results.MODELS.items()
    }
    for engine in core_results.ENGINES:
        say(f"core results: {engine}")
        try:
            facts[engine] = core_results.measure(engine, folder, settings.threads).facts()
        except TierlineError as error:
            facts[engine] = {"failed": error.why}
    shutil.rmtree(folder)
    return facts


def main() -> int:
    """Run and print; 1 when two ways to the same result disagree, whatever the times are."""
    options = arguments_of(sys.argv[1:])
    try:
        facts = run(options)
    except TierlineError as error:
        sys.stderr.write(f"{error.what}\n{error.why}\n{error.fix}\n")
        return error.exit_code
    if options.json:
        sys.stdout.write(json.dumps(facts, indent=2) + "\n")
    else:
        report.show(facts)
    return 0 if report.all_equal(facts) else 1


if __name__ == "__main__":
    sys.exit(main())
