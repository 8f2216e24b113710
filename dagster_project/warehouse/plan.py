"""What a build will do: as of when, from scratch or not, which nodes and solvers.

How it is done stands in ``build``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dagster_project.analytics.solvers import SOLVERS, STAGES
from dagster_project.errors import TierlineError
from dagster_project.ingestion import load_contracts, register_raw
from dagster_project.settings import Settings
from dagster_project.warehouse import dbt, state
from dagster_project.warehouse.decided import (
    asks_for_a_fresh_start,
    head_of,
    put_decisions,
    read_decisions,
)
from dagster_project.warehouse.manifest import code_fingerprint, load_manifest, policy_version
from dagster_project.warehouse.work_file import connect

SOURCE = "source.tierline."
"""How dbt's id of a source begins."""


@dataclass(frozen=True)
class BuildPlan:
    """What a build will do, decided before it touches a table."""

    build_id: str
    as_of: str
    group_currency: str
    full: bool
    code_fingerprint: str
    policy_version: str
    decisions: dict[str, Any]
    """``seq`` and ``hash`` of the newest decision that the build sees."""
    nodes: dict[str, list[str]]
    """dbt nodes to run, by stage of the build."""
    solvers: list[str]
    """Python analytics to run."""
    updates: int
    """Updates since the work file was last tidied, with this one; 0 when this one tidies it."""
    unchanged: list[str]
    """Nodes and solvers that need not run: their rows are those of the last complete build."""
    changed_sources: frozenset[str]
    """dbt ids of the sources whose rows differ from the last build's."""
    is_new_day: bool

    @property
    def variables(self) -> dict[str, Any]:
        """What dbt is told.

        ``changed_feeds``: those of which a batch came or went; ``release_months``: what the month
        of a row is in marts that are released month by month.
        """
        from dagster_project.release.partitions import month_expressions

        changed = sorted(one.removeprefix(SOURCE) for one in self.changed_sources)
        return {
            "as_of": self.as_of,
            "group_currency": self.group_currency,
            "changed_feeds": changed,
            "release_months": month_expressions(),
        }


def prepare(
    settings: Settings,
    full: bool = False,
    whole: bool = True,
    imported: Callable[[], None] | None = None,
) -> BuildPlan:
    """Register the raw batches, decide logical date, currency and whether to start afresh.

    Args:
        settings: The home.
        full: Start afresh from raw.
        whole: False when only some tables will be made: nothing is thrown away, what is made is
            made in full, and the work file counts as in flux until the next whole build.
        imported: Waits until dbt is imported, where another thread does that meanwhile.
    """
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    contracts = load_contracts()
    fingerprint = code_fingerprint(settings)
    decisions = read_decisions(settings)
    con = connect(settings)
    try:
        state.create(con)
        last = state.read(con)
        register_raw(con, settings, contracts, state.built_batches(con))
        _require_feeds(con, contracts)
        as_of = settings.as_of or _last_day_covered(con)
        currency = _group_currency(con, settings)
        built_seq = last.decisions_seq if last else 0
        afresh = whole and (
            full
            or _must_start_afresh(last, as_of, currency, fingerprint)
            or asks_for_a_fresh_start(decisions, built_seq)
        )
        build_id = _build_id(con, as_of, currency, fingerprint, head_of(decisions)["hash"])
        changed: set[str] = set()
        if not afresh:
            told = put_decisions(con, settings, decisions, built_seq, as_of)
            changed = _changed_sources(con) | told
            state.mark_started(con)
            # The little that was written stays in the log: the build rewrites the file anyway.
            con.execute("pragma disable_checkpoint_on_shutdown")
    finally:
        con.close()
    if afresh:
        _start_afresh(settings, contracts, decisions, as_of)
    if imported:
        imported()
    manifest = load_manifest(settings)
    phases = dbt.phases(manifest, [stage.inputs for stage in STAGES])
    nodes = {stage.name: ids for stage, ids in zip(STAGES, phases, strict=True)}
    solvers = [solver.name for solver in SOLVERS]
    in_full = afresh or not whole
    unchanged: list[str] = []
    if last and not in_full:
        touched = dbt.affected(manifest, changed, last.as_of != as_of, SOLVERS)
        every = [key for ids in nodes.values() for key in ids] + solvers
        unchanged = [key for key in every if key not in touched]
        nodes = {name: [key for key in ids if key in touched] for name, ids in nodes.items()}
        solvers = [name for name in solvers if name in touched]
    updates = 0 if in_full or not last or last.is_tidying_due else last.updates + 1
    version = policy_version(settings)
    return BuildPlan(
        build_id,
        as_of,
        currency,
        in_full,
        fingerprint,
        version,
        head_of(decisions),
        nodes,
        solvers,
        updates,
        unchanged,
        frozenset(changed),
        not last or last.as_of != as_of,
    )


def still_touched(settings: Settings, plan: BuildPlan, standing: set[str]) -> set[str]:
    """Return the nodes and solvers of an update that can differ, now that solvers have run.

    Args:
        settings: The home.
        plan: What was to be done.
        standing: Tables of schema ``analytics`` that were left as they were.
    """
    tables = {dbt.table_of(name) for name in standing}
    manifest = load_manifest(settings)
    return dbt.affected(manifest, plan.changed_sources, plan.is_new_day, SOLVERS, tables)


def _start_afresh(
    settings: Settings, contracts: dict[tuple[str, str], Any], decisions: list[Any], as_of: str
) -> None:
    for path in settings.work_dir.glob(settings.warehouse_path.name + "*"):
        path.unlink()
    con = connect(settings)
    try:
        state.create(con)
        register_raw(con, settings, contracts, set())
        put_decisions(con, settings, decisions, 0, as_of)
    finally:
        con.close()


def _must_start_afresh(
    last: state.BuildState | None, as_of: str, currency: str, fingerprint: str
) -> bool:
    return (
        last is None
        or not last.is_complete
        or last.code_fingerprint != fingerprint
        or last.group_currency != currency
        or last.as_of > as_of
    )


def _require_feeds(con: Any, contracts: dict[tuple[str, str], Any]) -> None:
    active = set(
        con.execute("select distinct system, feed from raw.batch where is_active").fetchall()
    )
    missing = [f"{s}.{f}" for (s, f), feed in contracts.items() if feed.required]
    missing = [name for name in missing if tuple(name.split(".")) not in active]
    if missing:
        raise TierlineError(
            "The warehouse cannot be built yet.",
            f"Required feeds without an accepted batch: {', '.join(missing)}.",
            "Land them with `tierline land --from DIR`; `tierline status` shows what is held.",
        )


def _changed_sources(con: Any) -> set[str]:
    """dbt ids of the sources whose rows differ from the last build's.

    The landing ledger always counts as changed: it is small.
    """
    feeds = con.execute(
        "select distinct system, feed from raw.batch where is_active"
        " is distinct from (batch_key in (select batch_key from state.built_batch))"
    ).fetchall()
    always = [("landing", "batch"), ("landing", "quarantined_row")]
    return {f"{SOURCE}{system}.{feed}" for system, feed in [*feeds, *always]}


def _last_day_covered(con: Any) -> str:
    """The last day that any of the required document feeds covers."""
    return con.execute(
        "select cast(cast(max(coalesce(window_to, extracted_at)) - interval 1 microsecond as date)"
        " as varchar) from raw.batch where is_active"
        " and feed in ('sales_order', 'sales_order_line', 'shipment', 'shipment_line')"
    ).fetchone()[0]


def _group_currency(con: Any, settings: Settings) -> str:
    """The setting, else the only document currency, else the policy's default company."""
    import csv

    if settings.group_currency:
        return settings.group_currency
    found = con.execute("select distinct currency from raw.erp__sales_order limit 2").fetchall()
    if len(found) == 1:
        return found[0][0]
    with (settings.policy_dir / "company.csv").open(newline="") as handle:
        for row in csv.DictReader(handle):
            if row["company_code"] == "*":
                return row["local_currency"]
    raise TierlineError(
        "The group currency is not known.",
        "Documents come in several currencies and company.csv has no row for company '*'.",
        "Set TIERLINE_GROUP_CURRENCY, for example to EUR.",
    )


def _build_id(con: Any, *parts: str) -> str:
    digest = hashlib.sha256("|".join(parts).encode())
    rows = con.execute(
        "select system, feed, batch_id, status, fingerprint, is_active from raw.batch order by all"
    ).fetchall()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()[:12]
