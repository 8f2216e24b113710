"""Commands that bring data: simulate, adapt, pack, pull, land.

Each shows what a function of the simulator, the adapters or the ingestion did. Rules about data
do not belong here.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.output import JsonOption, emit, progress_bar, table

if TYPE_CHECKING:
    from rich.console import Console

OutOption = Annotated[Path, typer.Option("--out", help="Folder to write to.")]


def simulate(
    out: OutOption,
    size: Annotated[str, typer.Option(help="XS, S, M or L.")] = "S",
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
    plant: Annotated[
        list[str] | None, typer.Option(help="Fault to plant; may be given several times.")
    ] = None,
    tail_days: Annotated[
        int, typer.Option(help="Hold the last days back as daily batches under OUT/tail.")
    ] = 0,
    json: JsonOption = False,
) -> None:
    """Write the extracts of a demo company, and a file with the truth about them.

    Example: tierline simulate --size XS --seed 7 --out /tmp/company --plant missing_fx_rate
    """
    from dagster_project.simulator import PLANTS, SIZES
    from dagster_project.simulator import simulate as run

    check_known("size", size, SIZES)
    for name in plant or []:
        check_known("fault", name, PLANTS)
    with progress_bar(f"Simulating size {size}"):
        run(size, seed, out, plant=tuple(plant or ()), tail_days=tail_days)
    batches = len(list((out / "landing").rglob("manifest.json")))
    data = {
        "size": size,
        "seed": seed,
        "out": str(out),
        "landing": str(out / "landing"),
        "batches": batches,
        "planted": plant or [],
        "tail_days": tail_days,
    }
    emit(
        data,
        json,
        lambda console: console.print(
            f"{batches} batches of a size {size} company are in [bold]{out / 'landing'}[/bold]; "
            f"the truth about them is in {out / 'truth.json'}.\n"
            f"Next: tierline land --from {out / 'landing'}"
        ),
    )


def adapt(
    name: Annotated[
        str, typer.Argument(help="Adapter: northwind, dataco, tpch, or the path of a folder.")
    ],
    source: Annotated[Path, typer.Option("--from", help="Folder with the native export.")],
    out: OutOption,
    as_of: Annotated[
        str | None, typer.Option(help="Day of extraction, where the data do not tell it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Turn a native export into feeds, by one SQL file per feed.

    Example: tierline adapt northwind --from exports/northwind --out /tmp/northwind
    """
    from dagster_project.adapters import adapt as run

    with progress_bar(f"Adapting {name}"):
        batches = run(name, source, out, as_of)
    notes = [
        f"{count:,} rows of {batch.system}.{batch.feed} have no {column} and will go to quarantine."
        for batch in batches
        for column, count in batch.rows_without.items()
    ]
    _show_batches(out, json, notes)


def pack(
    files: Annotated[list[Path], typer.Argument(help="Files of one feed, all of one format.")],
    system: Annotated[str, typer.Option(help="System of the contract: erp, crm, wms, …")],
    feed: Annotated[str, typer.Option(help="Feed of that system, for example customer.")],
    extracted_at: Annotated[str, typer.Option(help="When the extract was taken, ISO 8601.")],
    out: OutOption,
    mode: Annotated[str, typer.Option(help="FULL replaces, DELTA adds.")] = "FULL",
    window_from: Annotated[str | None, typer.Option(help="Start of the window.")] = None,
    window_to: Annotated[str | None, typer.Option(help="End of the window, exclusive.")] = None,
    batch_id: Annotated[str | None, typer.Option(help="Absent: made from feed and time.")] = None,
    supersedes: Annotated[str | None, typer.Option(help="Batch id that this one corrects.")] = None,
    source_system: Annotated[str | None, typer.Option(help="Which of several ERPs, say.")] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of CSV files.")] = "utf-8",
    delimiter: Annotated[str, typer.Option(help="Delimiter of CSV files.")] = ",",
    decimal: Annotated[str, typer.Option(help="Decimal separator.")] = ".",
    thousands: Annotated[str, typer.Option(help="Thousands separator.")] = "",
    date_format: Annotated[str | None, typer.Option(help="For example %d.%m.%Y.")] = None,
    timestamp_format: Annotated[
        str | None, typer.Option(help="For example %d.%m.%Y %H:%M.")
    ] = None,
    null_text: Annotated[str | None, typer.Option(help="Text that stands for no value.")] = None,
    json: JsonOption = False,
) -> None:
    """Wrap ready files of one feed into a batch with its manifest.

    Example: tierline pack customers.csv --system erp --feed customer
    --extracted-at 2025-12-31T22:00:00Z --out /tmp/company
    """
    from dagster_project.adapters import pack as run

    with progress_bar("Packing"):
        run(
            system,
            feed,
            files,
            out,
            extracted_at=extracted_at,
            mode=mode,
            window_from=window_from,
            window_to=window_to,
            batch_id=batch_id,
            supersedes_batch_id=supersedes,
            source_system=source_system,
            encoding=encoding,
            delimiter=delimiter,
            decimal=decimal,
            thousands=thousands,
            date_format=date_format,
            timestamp_format=timestamp_format,
            null_text=null_text,
        )
    _show_batches(out, json)


def _show_batches(out: Path, as_json: bool, notes: list[str] | None = None) -> None:
    import json

    rows = []
    for path in sorted(out.rglob("manifest.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        rows.append({key: manifest[key] for key in ("system", "feed", "batch_id", "row_count")})
    emit(
        {"out": str(out), "batches": rows, "notes": notes or []},
        as_json,
        lambda console: console.print(
            table(
                f"Batches in {out}",
                ["System", "Feed", "Batch", "Rows"],
                [list(row.values()) for row in rows],
            ),
            *(notes or []),
            f"Next: tierline land --from {out}",
            sep="\n",
        ),
    )


def pull(
    feed: Annotated[str, typer.Argument(help="Feed as system.feed.")],
    cursor: Annotated[str, typer.Option(help="Column that grows with every change.")],
    source: Annotated[str | None, typer.Option("--table", help="Table or view to read.")] = None,
    query: Annotated[str | None, typer.Option(help="Or a select, columns as in the feed.")] = None,
    dsn_env: Annotated[
        str, typer.Option(help="Environment variable that holds the connection string.")
    ] = "TIERLINE_SOURCE_DSN",
    source_system: Annotated[str | None, typer.Option(help="Which of several ERPs, say.")] = None,
    overlap: Annotated[int, typer.Option(help="How far to look back, in units of cursor.")] = 0,
    json: JsonOption = False,
) -> None:
    """Pull new rows of one feed from PostgreSQL into batches in the landing.

    Example: tierline pull erp.sales_order --table public.sales_order --cursor changed_at
    """
    from dagster_project.ingestion import load_contracts
    from dagster_project.ingestion.database import PullSpec
    from dagster_project.ingestion.database import pull as run
    from dagster_project.settings import get_settings

    check_known("feed", feed, [f"{system}.{name}" for system, name in load_contracts()])
    system, name = feed.split(".")
    spec = PullSpec(
        dsn_env,
        system,
        name,
        cursor,
        table=source,
        query=query,
        source_system=source_system,
        overlap=overlap,
    )
    with progress_bar(f"Pulling {feed}"):
        folders = run(get_settings(), spec)
    emit(
        {"feed": feed, "batches": [str(folder) for folder in folders]},
        json,
        lambda console: console.print(
            f"{len(folders)} new batches of {feed} are in the landing.\nNext: tierline land"
            if folders
            else f"Nothing new in {feed}."
        ),
    )


def land(
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Tree of batches; absent: the home's own landing."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Take every complete batch once; hold, wait or quarantine the rest with a reason.

    Example: tierline land --from /tmp/company/landing
    """
    from dagster_project.ingestion import land as run
    from dagster_project.settings import get_settings

    with progress_bar("Landing") as step:
        report = run(get_settings(), from_dir=source, progress=step)
    emit(report.to_dict(), json, lambda console: show_landed(console, report))


def show_landed(console: "Console", report: Any) -> None:
    """Print what landed and what comes next."""
    show_landing(console, report)
    console.print("Next: tierline build")


def show_landing(console: "Console", report: Any) -> None:
    """Print rows and batches per feed, and every batch that waits or is held."""
    changed = [feed for feed in report.feeds if feed.taken + feed.duplicate]
    rows = [
        [
            f"{feed.system}.{feed.feed}",
            feed.taken,
            feed.duplicate,
            feed.landed_rows,
            feed.accepted_rows,
            feed.quarantined_rows,
        ]
        for feed in changed
    ]
    if rows:
        names = ["Feed", "Batches", "Duplicate", "Landed", "Accepted", "Quarantined"]
        console.print(table("Landed now", names, rows))
    else:
        console.print("Nothing new: every complete batch was taken before.")
    if report.problems:
        problems = [
            [p.status, f"{p.system}.{p.feed}", p.batch_id, p.reason] for p in report.problems
        ]
        console.print(table("Not taken", ["Status", "Feed", "Batch", "Reason"], problems))


def check_known(kind: str, name: str, known: Any) -> None:
    """Refuse a name that is not in the list, and print the list.

    Raises:
        UsageError: The name is unknown.
    """
    from dagster_project.errors import UsageError

    if name not in known:
        raise UsageError(
            f"Unknown {kind} '{name}'.", f"Known: {', '.join(known)}.", "Choose one of these."
        )
