"""How a command speaks: data on stdout, progress and errors on stderr, JSON on demand.

Add here what more than one command shows in the same way. What a command computes does not
belong here.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.errors import TierlineError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print the result as JSON on stdout, and nothing else."),
]

ProgressCallback = Callable[..., None]


def emit(data: Any, as_json: bool, show: "Callable[[Console], None]") -> None:
    """Print the result once: as JSON for programs, or through ``show`` for people."""
    if as_json:
        sys.stdout.write(json.dumps(data, indent=2, default=str, ensure_ascii=False) + "\n")
        return
    from rich.console import Console

    # A pipe has no width of its own; a table that is cut there is of no use to anyone.
    show(Console(highlight=False, width=None if sys.stdout.isatty() else 120))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> "Table":
    """Return a plain table; numbers are set to the right and grouped by thousands."""
    from rich import box
    from rich.table import Table

    result = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    for position, name in enumerate(columns):
        numeric = any(isinstance(row[position], int | float) for row in rows)
        result.add_column(
            name,
            justify="right" if numeric else "left",
            overflow="fold",
            no_wrap=position == 0,
        )
    for row in rows:
        result.add_row(*[cell(value) for value in row])
    return result


def cell(value: Any) -> str:
    """Return a value as a person reads it; a missing one is a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return str(value)


@contextmanager
def progress_bar(title: str) -> Iterator[ProgressCallback]:
    """Yield ``step(text, done=None, total=None)``: a bar on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda *_args, **_kwargs: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        lock = threading.Lock()

        def step(text: str = "", done: float | None = None, total: float | None = None) -> None:
            with lock:
                label = f"{title}: {text}" if text else title
                bar.update(task, description=label[:90], completed=done, total=total)

        yield step


def show_error(error: TierlineError, as_json: bool) -> None:
    """Say what happened, why, and what to do next, on stderr (and as JSON on stdout if asked)."""
    from rich.console import Console, Group
    from rich.panel import Panel
    from rich.text import Text

    parts = [Text(error.what, style="bold")]
    parts += [Text.assemble(("Why   ", "dim"), error.why)] if error.why else []
    parts += [Text.assemble(("Next  ", "dim"), error.fix)] if error.fix else []
    Console(stderr=True).print(Panel(Group(*parts), border_style="red", title="tierline"))
    if as_json:
        problem = {"what": error.what, "why": error.why, "next": error.fix}
        sys.stdout.write(json.dumps({"error": problem, "exit_code": error.exit_code}) + "\n")
