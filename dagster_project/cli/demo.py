"""The `demo` command: a simulated company through the main Dagster job, to a published release."""

import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.landing import check_known
from dagster_project.cli.output import JsonOption, ProgressCallback, emit, progress_bar
from dagster_project.errors import EXIT_RED, TierlineError, UsageError

if TYPE_CHECKING:
    from dagster_project.settings import Settings


def demo(
    size: Annotated[str, typer.Option(help="XS, S, M or L.")] = "S",
    seed: Annotated[int, typer.Option(help="Same seed, same company.")] = 1,
    plant: Annotated[list[str] | None, typer.Option(help="Fault to plant.")] = None,
    json: JsonOption = False,
) -> None:
    """Simulate a company, run the whole way to a release and show what came out.

    The run stands in the Dagster UI afterwards: `make dev` opens it.

    Example: tierline demo --size XS
    """
    from dagster_project.cli.dagster_run import preload, run_refresh
    from dagster_project.cli.summary import show_summary, summary
    from dagster_project.settings import get_settings

    settings = get_settings()
    started = time.perf_counter()
    with progress_bar("Demo") as step:
        step(f"simulating a company of size {size}")
        company = _company(settings, size, seed, tuple(plant or ()), preload)
        result = _land_and_run(settings, company, step, run_refresh)
    facts = summary(settings, result.success, time.perf_counter() - started)
    emit(facts, json, lambda console: show_summary(console, facts))
    if not result.success:
        if facts["gate"] is None or facts["gate"]["passed"]:
            raise _failure(result)
        raise typer.Exit(EXIT_RED)


def _company(
    settings: "Settings", size: str, seed: int, plants: tuple[str, ...], beside: Any
) -> Path:
    """Simulate the company once per home, while a thread imports what the job needs."""
    from dagster_project.simulator import PLANTS, SIZES, simulate

    check_known("size", size, SIZES)
    for name in plants:
        check_known("fault", name, PLANTS)
    company = settings.home / "demo" / "-".join([size, str(seed), *plants])
    others = [p for p in company.parent.glob("*") if p.name != company.name]
    if others or (settings.ledger_path.exists() and not company.exists()):
        raise UsageError(
            f"The home {settings.home} holds other data already.",
            f"Found {others[0].name if others else settings.ledger_path.name}.",
            "Give the demo a home of its own: TIERLINE_HOME=/tmp/another tierline demo …",
        )
    thread = threading.Thread(target=beside, name="preload", daemon=True)
    thread.start()
    if not (company / "truth.json").exists():
        shutil.rmtree(company, ignore_errors=True)
        simulate(size, seed, company, plant=plants)
    thread.join()
    return company


def _land_and_run(settings: "Settings", company: Path, step: ProgressCallback, run: Any) -> Any:
    from dagster_project.ingestion.inbox import copy_in

    step("handing the extracts over")
    copy_in(company / "landing", settings.landing_dir)
    return run(settings, step)


def _failure(result: Any) -> TierlineError:
    """Return the first failed step in words; the run in the UI has the rest."""
    failed = next((e for e in result.all_events if e.event_type_value == "STEP_FAILURE"), None)
    if failed is None:
        return TierlineError("The run failed before its first step.", "", "See `make dev`.")
    data = failed.step_failure_data
    why = data.user_failure_data.description if data.user_failure_data else data.error.message
    return TierlineError(
        f"The step {failed.step_key} failed.", why or "", "See the run: `make dev`."
    )
