"""Schedules: one per planning cycle of ``refresh_calendar.csv``. They ship stopped.

A schedule starts its cycle at the cut-off when the required feeds are in. When one is late it says
so, and the sensor ``late_cycles`` starts the cycle as soon as it can. Add a cycle in the policy.
"""

from datetime import UTC

import dagster as dg

from dagster_project.defs.jobs import refresh
from dagster_project.refresh import Cycle, judge, load_cycles
from dagster_project.refresh.calendar import Due, due_on
from dagster_project.refresh.home import released_periods, released_working_days, watermarks
from dagster_project.refresh.readiness import Readiness
from dagster_project.settings import get_settings

RUN_TAG = "tierline/cycle_run"
CYCLE_TAG = "tierline/cycle"
LABEL_TAG = "tierline/cycle_label"
PLANNED_TAG = "tierline/planned_at"
BEHIND_TAG = "tierline/feeds_behind"


def run_request(due: Due, readiness: Readiness) -> dg.RunRequest:
    """Describe the run of a due cycle; its tags say whether it is degraded, and by whom."""
    return dg.RunRequest(
        run_key=due.run_key,
        tags={
            RUN_TAG: due.run_key,
            CYCLE_TAG: due.cycle.cycle_id,
            LABEL_TAG: due.label,
            PLANNED_TAG: due.cycle.cutoff_at(due.day).isoformat(),
            "tierline/degraded": str(readiness.is_degraded).lower(),
            BEHIND_TAG: ",".join(readiness.feeds_behind),
        },
    )


def was_started(instance: dg.DagsterInstance, due: Due) -> bool:
    """Tell whether a run of this cycle and label exists, whoever asked for it."""
    return bool(instance.get_runs(dg.RunsFilter(tags={RUN_TAG: due.run_key}), limit=1))


def _schedule(cycle: Cycle) -> dg.ScheduleDefinition:
    description = (
        f"{cycle.planning_step}: {cycle.anchor} at {cycle.cutoff_time:%H:%M} {cycle.time_zone},"
        f" waits up to {cycle.deadline_minutes} minutes for late feeds. Owner: {cycle.owner}."
    )

    @dg.schedule(
        name=cycle.cycle_id.lower(),
        job=refresh,
        cron_schedule=f"{cycle.cutoff_time.minute} {cycle.cutoff_time.hour} * * *",
        execution_timezone=cycle.time_zone,
        description=description,
    )
    def run_when_due(
        context: dg.ScheduleEvaluationContext,
    ) -> dg.RunRequest | dg.SkipReason:
        at, settings = context.scheduled_execution_time, get_settings()
        periods = released_periods(settings)
        due = due_on(at.date(), [cycle], periods, released_working_days(settings))
        if not due:
            reason = "is not due" if periods else "has no fiscal calendar: nothing is released yet"
            return dg.SkipReason(f"{cycle.cycle_id} {reason} on {at:%Y-%m-%d}.")
        readiness = judge(due[0], watermarks(settings), at.astimezone(UTC))
        if not readiness.starts:
            return dg.SkipReason(readiness.sentence)
        return run_request(due[0], readiness)

    return run_when_due


def planning_cycles() -> list[Cycle]:
    """Return the cycles of this environment's policy."""
    return load_cycles(get_settings().policy_dir / "refresh_calendar.csv")


@dg.definitions
def schedules() -> dg.Definitions:
    """Make one schedule per planning cycle."""
    return dg.Definitions(schedules=[_schedule(cycle) for cycle in planning_cycles()])
