"""What a judgement of a policy reads: the work file of the home, and policy folders.

Opens the work file for reading only; nothing of this package writes.
"""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dagster_project.analytics.tables import DuckDBTables, MemoryTables, Tables
from dagster_project.errors import TierlineError, UsageError
from dagster_project.governance.decisions import Decision
from dagster_project.segmentation import asked, promised
from dagster_project.segmentation.engine import Outcome, evaluate
from dagster_project.segmentation.history import Activity, Entities
from dagster_project.segmentation.policy import Row, Scheme, parse_policy
from dagster_project.segmentation.run import read_activity, read_entities, read_told
from dagster_project.settings import Settings

FILES = ("segment_scheme", "segment", "segment_threshold", "scheme_attribute", "reclass_rule")
"""The seeds that make a segmentation policy."""


@dataclass(frozen=True)
class History:
    """What the engine replays: entities, their activity, and the last day it covers.

    ``promises`` holds the tables of contracts and fiscal periods, ``decisions`` what people decided
    about requests and proposals; nothing of both where they are left out.
    """

    entities: Entities
    activity: Activity
    as_of: str
    promises: Tables = field(default_factory=lambda: MemoryTables({}))
    decisions: tuple[Decision, ...] = ()

    def replay(self, scheme: Scheme) -> Outcome:
        """Let the engine decide as a build under this scheme would, whoever has the last word."""
        told, _ = read_told(self.promises, scheme, self.entities, [*self.decisions])
        return evaluate(self.entities, self.activity, scheme, self.as_of, told)


def said_tables(tables: Tables) -> Tables:
    """Return the tables of contracts and fiscal periods, to be read when the warehouse is shut."""
    names = [f"intermediate.{name}" for name in promised.INPUTS]
    return MemoryTables({name: tables.read(name) for name in names if tables.has(name)})


@contextmanager
def work_file(settings: Settings) -> Iterator[Tables]:
    """Yield the tables of the last build.

    Raises:
        TierlineError: Nothing has been built.
    """
    if not settings.warehouse_path.exists():
        raise TierlineError(
            "There is no history to judge a policy on.",
            f"Nothing has been built in {settings.home}.",
            "Run `tierline build`.",
        )
    import duckdb

    con = duckdb.connect(
        str(settings.warehouse_path),
        read_only=True,
        config={"memory_limit": settings.memory_limit, "threads": settings.threads},
    )
    try:
        yield DuckDBTables(con)
    finally:
        con.close()


def read_history(settings: Settings) -> History:
    """Return the history of the last build.

    Raises:
        TierlineError: Nothing has been built, or the last build did not come to its customers.
    """
    with work_file(settings) as tables:
        needed = ("intermediate.int_segment__entity", "intermediate.int_customer__month")
        missing = [name for name in needed if not tables.has(name)]
        if missing:
            raise _unfinished(", ".join(missing))
        entities = read_entities(tables)
        activity = read_activity(tables, entities)
        said = said_tables(tables), tuple(asked.read_decisions(tables))
    return History(entities, activity, built_day(settings), *said)


def built_day(settings: Settings) -> str:
    """Return the last day that the last build covers, ``YYYY-MM-DD``.

    Raises:
        TierlineError: No build came to its end.
    """
    facts = settings.work_dir / "build.json"
    if not facts.exists():
        raise _unfinished(facts.name)
    return str(json.loads(facts.read_text(encoding="utf-8"))["as_of"])


def _unfinished(missing: str) -> TierlineError:
    return TierlineError(
        "There is no history to judge a policy on.",
        f"The last build left no {missing}.",
        "Run `tierline build` to its end.",
    )


def read_folder(folder: Path) -> list[Scheme]:
    """Return the active schemes of a policy folder, ordered by id.

    Raises:
        UsageError: A file is missing or the policy contradicts itself.
    """
    return parse_policy(*(list[Row](read_rows(folder / f"{name}.csv")) for name in FILES))


def read_rows(path: Path) -> list[dict[str, str | None]]:
    """Return the rows of a policy file; an empty cell is None.

    Raises:
        UsageError: There is no such file.
    """
    if not path.is_file():
        raise UsageError(
            "The policy folder is not complete.",
            f"There is no file {path}.",
            f"A policy has {', '.join(f'{name}.csv' for name in FILES)}.",
        )
    with path.open(newline="", encoding="utf-8-sig") as handle:
        return [
            {key: (value or "").strip() or None for key, value in row.items() if key}
            for row in csv.DictReader(handle)
        ]


def the_scheme(schemes: list[Scheme], scheme_id: str | None) -> Scheme:
    """Return the scheme asked for, or the only one.

    Raises:
        UsageError: There is none of that name, or several and none was named.
    """
    known = [scheme.scheme_id for scheme in schemes]
    if scheme_id is None and len(schemes) == 1:
        return schemes[0]
    if scheme_id not in known:
        raise UsageError(
            f"Which scheme? '{scheme_id}' is none." if scheme_id else "Which scheme?",
            f"Active schemes: {', '.join(known) or 'none'}.",
            "Name one with --scheme.",
        )
    return schemes[known.index(scheme_id)]
