"""Schedules: the daily refresh and the fiscal close. They ship stopped; start them in the UI."""

import dagster as dg

from dagster_project.defs.jobs import refresh
from dagster_project.settings import get_settings
from dagster_project.warehouse.fiscal_close import due, released_periods

daily_refresh = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh,
    cron_schedule="0 5 * * *",
    execution_timezone="UTC",
    description="Every day at 05:00 UTC, after the night's extracts.",
)


@dg.schedule(job=refresh, cron_schedule="0 6 * * *", execution_timezone="UTC")
def fiscal_close(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """Refresh on the third working day after a fiscal period, by the released calendar."""
    today = context.scheduled_execution_time.date()
    periods, reason = due(today, released_periods(get_settings()))
    if not periods:
        return dg.SkipReason(reason)
    names = sorted({period.fiscal_period_id for period in periods})
    return [
        dg.RunRequest(
            run_key=f"close:{'+'.join(names)}",
            tags={"tierline/fiscal_period": ", ".join(names)},
        )
    ]
