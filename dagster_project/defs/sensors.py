"""Sensors: new batches, late planning cycles, sets to freeze, and a release that grows stale.

Add a sensor here; what it finds out and decides belongs in a pure function elsewhere. Sensors
run by themselves in the dev environment and ship stopped everywhere else.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from dagster_project.defs.jobs import rebuild_full, refresh
from dagster_project.defs.release import release
from dagster_project.defs.schedules import (
    BEHIND_TAG,
    CYCLE_TAG,
    LABEL_TAG,
    PLANNED_TAG,
    planning_cycles,
    run_request,
    was_started,
)
from dagster_project.ingestion.watch import decide, look
from dagster_project.refresh import freeze, judge
from dagster_project.refresh.calendar import due_on
from dagster_project.refresh.home import released_periods, released_working_days, watermarks
from dagster_project.settings import get_settings

STALE_AFTER_DAYS = 2
"""Two daily loads: one may be late, the second missing one is a matter for a person."""

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
IS_DEV = get_settings().env == "dev"
STATUS = dg.DefaultSensorStatus.RUNNING if IS_DEV else dg.DefaultSensorStatus.STOPPED


@dg.sensor(job=refresh, minimum_interval_seconds=30, default_status=STATUS)
def new_batches(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start a refresh when complete batches lie in the landing that were not taken yet."""
    decision = decide(look(get_settings()), context.cursor, _is_running(context.instance))
    context.update_cursor(decision.cursor)
    if decision.run_key is None:
        return dg.SkipReason(decision.skip_reason)
    return dg.RunRequest(
        run_key=decision.run_key, tags={"tierline/new_batches": str(decision.batches)}
    )


@dg.sensor(job=refresh, minimum_interval_seconds=300)
def late_cycles(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Start the planning cycles that waited for a feed: when it is in, or at their deadline."""
    settings, now = get_settings(), datetime.now(UTC)
    periods, marks = released_periods(settings), watermarks(settings)
    is_working = released_working_days(settings)
    requests, sentences = [], []
    for cycle in planning_cycles():
        today = now.astimezone(ZoneInfo(cycle.time_zone)).date()
        # A cycle that waits past midnight belongs to the day before.
        for day in (today - timedelta(days=1), today):
            for due in due_on(day, [cycle], periods, is_working):
                readiness = judge(due, marks, now)
                sentences.append(readiness.sentence)
                if readiness.starts and not was_started(context.instance, due):
                    requests.append(run_request(due, readiness))
    if requests:
        return dg.SensorResult(run_requests=requests)
    return dg.SensorResult(skip_reason=" ".join(sentences) or "No cycle is due.")


@dg.run_status_sensor(run_status=dg.DagsterRunStatus.SUCCESS, monitored_jobs=[refresh])
def freeze_cycle(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
    """Keep the segments of a planning cycle when its run has published them."""
    tags = context.dagster_run.tags
    frozen = {cycle.cycle_id for cycle in planning_cycles() if cycle.is_frozen}
    if tags.get(CYCLE_TAG) not in frozen:
        return dg.SkipReason("The run was for no cycle that is kept.")
    behind = tuple(feed for feed in tags.get(BEHIND_TAG, "").split(",") if feed)
    freeze(
        get_settings(),
        tags[CYCLE_TAG],
        tags[LABEL_TAG],
        tags[PLANNED_TAG],
        feeds_behind=behind,
        reason=tags.get("tierline/reason", ""),
    )
    return None


@dg.sensor(asset_selection=[release], minimum_interval_seconds=3600, default_status=STATUS)
def release_staleness(_context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Say how far readers are behind; an observation on the release marks it when too far."""
    from dagster_project.release.releases import staleness

    found = staleness(get_settings(), datetime.now(UTC).date())
    if found.current is None or found.days_behind is None:
        return dg.SensorResult(skip_reason="Nothing is released yet.")
    sentence = f"Readers see {found.current.release_id}, {found.days_behind} days behind."
    if found.waiting_build:
        verdict = {True: "green", False: "red", None: "not judged"}[found.waiting_is_green]
        sentence += f" Build {found.waiting_build} is {verdict} and not released."
    if found.days_behind <= STALE_AFTER_DAYS:
        return dg.SensorResult(skip_reason=sentence)
    stale = dg.AssetObservation(
        release.key, description=sentence, metadata={"days_behind": found.days_behind}
    )
    return dg.SensorResult(skip_reason=sentence, asset_events=[stale])


def _is_running(instance: dg.DagsterInstance) -> bool:
    names = {refresh.name, rebuild_full.name}
    runs = instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY))
    return any(run.job_name in names for run in runs)
