"""What the bench prints: machine, tables, and the targets with the words met or missed.

A target is a number with its reason here; what is measured belongs to the other modules.
"""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dagster_project.cli.output import emit, table
from dagster_project.settings import Settings

BARE_FACTOR, BARE_ALLOWANCE_SECONDS = 1.5, 40.0
"""Tests, gates, landing and the starts of dbt and Great Expectations are worth so much."""
DAY_SHARE = 0.15
PEAK_MIB = {"XS": 4096, "S": 4096, "M": 4096, "L": 12 * 1024}
_PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations", "pandas", "polars")
_RESULTS = {
    "order_line_service": "order-line service",
    "customer_month": "customer-month",
    "segment_kpi": "segment KPI",
}


def machine(settings: Settings) -> dict[str, Any]:
    """Describe what the numbers were measured on."""
    import psutil

    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 1),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _PACKAGES},
        "duckdb_threads": settings.threads,
        "duckdb_memory_limit": settings.memory_limit,
    }


def verdicts(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Hold the measurements against the targets."""
    full, bare, days = facts["full"], facts["bare"]["seconds"], facts["days"]
    limit = BARE_FACTOR * bare + BARE_ALLOWANCE_SECONDS
    peak_limit = PEAK_MIB[facts["size"]]
    peak = max(full["peak_mib"], *(day["peak_mib"] for day in days.values()))
    formula = f"{BARE_FACTOR} x bare + {BARE_ALLOWANCE_SECONDS:.0f} s"
    rows = [
        (
            "full build",
            f"{full['seconds']:.1f} s",
            f"<= {formula} = {limit:.1f} s",
            full["seconds"] <= limit,
        ),
        ("peak memory", f"{peak:,.0f} MiB", f"<= {peak_limit:,} MiB", peak <= peak_limit),
    ]
    for name, day in days.items():
        share = day["seconds"] / full["seconds"]
        words = f"{share:.1%} of the full build"
        rows.append((f"one more day, {name}", words, f"<= {DAY_SHARE:.0%}", share <= DAY_SHARE))
    return [
        {"target": name, "measured": measured, "limit": limit_words, "met": is_met}
        for name, measured, limit_words, is_met in rows
    ]


def all_equal(facts: dict[str, Any]) -> bool:
    """Tell whether every way to the same result led to the same result."""
    engines = [part for part in facts.get("core", {}).values() if isinstance(part, dict)]
    different = [sum(part.get("different_rows", {}).values()) for part in engines]
    different += [len(facts["bare"]["different_marts"])]
    different += [len(facts.get("verify", {}).get("different", []))]
    return not any(different)


def show(facts: dict[str, Any]) -> None:
    """Print everything for people."""

    def render(console: Any) -> None:
        for line in _machine_lines(facts):
            console.print(line)
        console.print("\n[bold]From landing to release[/], in one fresh process each", end="")
        console.print(_stages(facts))
        console.print(_bare_line(facts["bare"]), end="")
        console.print(_slowest(facts["bare"]))
        if "core" in facts:
            seconds = facts["core"]["export_seconds"]
            console.print(
                "[bold]Three core results[/] from the same intermediate tables;"
                f" writing those to Parquet took {seconds:.2f} s",
                end="",
            )
            console.print(_core(facts["core"]))
            console.print(
                "The models make all three date bases, ship timing and every column of the facts;"
                " the data frames only what is compared.\n"
            )
        rows = [[*list(row.values())[:3], _word(row["met"])] for row in facts["verdicts"]]
        console.print(table("Targets", ["Target", "Measured", "Limit", "Verdict"], rows))
        for line in _equality_lines(facts):
            console.print(line)

    emit(facts, False, render)


def _machine_lines(facts: dict[str, Any]) -> list[str]:
    at, full = facts["machine"], facts["full"]
    versions = ", ".join(f"{name} {number}" for name, number in at["versions"].items())
    return [
        f"Bench of size {facts['size']}: {full['order_lines']:,} order lines,"
        f" {full['rows_landed']:,} rows landed, {full['rows_published']:,} published,"
        f" {full['nodes']} dbt nodes",
        f"{at['cores']} cores ({at['cpu']}), {at['memory_gib']} GiB, {at['system']},"
        f" load {at['load_at_start']} at the start",
        f"Python {at['python']}, {versions}; DuckDB with {at['duckdb_threads']} threads"
        f" and {at['duckdb_memory_limit']}",
    ]


def _bare_line(bare: dict[str, Any]) -> str:
    return (
        f"[bold]Bare SQL[/]: {len(bare['models'])} models in {_s(bare['seconds'])} s,"
        f" processor time {_s(bare['cpu_seconds'])} s, peak {bare['peak_mib']:,.0f} MiB"
    )


def _stages(facts: dict[str, Any]) -> Any:
    full, days, bare = facts["full"], facts["days"], facts["bare"]
    runs = [full, *days.values()]
    none = [""] * len(days)
    rows = [[name, *(_s(run["stages"].get(name, 0.0)) for run in runs)] for name in full["stages"]]
    rows.append(["total", *(_s(run["seconds"]) for run in runs)])
    rows.append(["processor time", *(_s(run["cpu_seconds"]) for run in runs)])
    rows.append(["dbt nodes", *(str(run["nodes"]) for run in runs)])
    rows.append(["peak MiB", *(f"{run['peak_mib']:,.0f}" for run in runs)])
    rows.append(["bare SQL", _s(bare["seconds"]), *none])
    rows.append(["full / bare", f"{full['seconds'] / bare['seconds']:.2f}", *none])
    columns = ["Stage", "Full build, s", *(f"One more day, {name}, s" for name in days)]
    return table("", columns, rows)


def _slowest(bare: dict[str, Any]) -> Any:
    models = sorted(bare["models"].items(), key=lambda model: -model[1])[:10]
    return table(
        "", ["Slowest model", "Seconds"], [[name, _s(seconds)] for name, seconds in models]
    )


def _core(core: dict[str, Any]) -> Any:
    frames = [name for name in ("pandas", "polars") if "stages" in core.get(name, {})]
    seconds = [core[name]["stages"] for name in frames]
    rows = [
        [words, _s(core["duckdb"][key]), *[_s(each[key]) for each in seconds]]
        for key, words in _RESULTS.items()
    ]
    results = [sum(each[key] for key in _RESULTS) for each in seconds]
    rows.append(["all three", _s(sum(core["duckdb"].values())), *map(_s, results)])
    rows.append(["reading Parquet", "", *[_s(each["read"]) for each in seconds]])
    rows.append(["start and import", "", *[_s(each["start"] + each["import"]) for each in seconds]])
    rows.append(["peak MiB", "", *[f"{core[name]['peak_mib']:,.0f}" for name in frames]])
    return table("", ["Result, seconds", "DuckDB models", *frames], rows)


def _equality_lines(facts: dict[str, Any]) -> list[str]:
    marts = facts["bare"]["different_marts"]
    lines = [f"Bare SQL and build: {_equal(marts)}"]
    for name, part in facts.get("core", {}).items():
        if isinstance(part, dict) and "failed" in part:
            lines.append(f"{name}: did not finish. {part['failed']}")
        elif isinstance(part, dict) and "different_rows" in part:
            different = [f"{n} rows of {k}" for k, n in part["different_rows"].items() if n]
            lines.append(f"{name} and marts: {_equal(different)}")
    if "verify" in facts:
        lines.append(f"Days that followed and full rebuild: {_equal(facts['verify']['different'])}")
    return lines


def _equal(different: list[str]) -> str:
    return f"DIFFERENT in {', '.join(different)}" if different else "equal"


def _word(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _s(seconds: float) -> str:
    return f"{seconds:,.2f}"


def _cpu() -> str:
    path = Path("/proc/cpuinfo")
    if sys.platform == "linux" and path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
