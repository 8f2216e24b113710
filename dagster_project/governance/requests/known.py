"""Which segment every customer was in on a day, as it was believed at a moment.

Valid time and record time are two questions: what held on the day, and what was known of it then. A
question that names no moment asks for what is believed now. Read from the marts of a release.
"""

from datetime import date, datetime, timedelta
from typing import Any

OPEN = datetime(9999, 12, 31)
"""End of the record time of what is still believed."""


def segments_on(
    con: Any, day: date, known_at: datetime | None = None, scheme_id: str = "service"
) -> list[dict[str, Any]]:
    """Return the segment of each entity on a day, ordered by entity.

    Args:
        con: DuckDB connection whose default schema holds the marts of a release.
        day: Day asked about.
        known_at: Moment (UTC) at which it was believed; null for what is believed now.
        scheme_id: Segmentation scheme.

    Returns:
        entity_id, segment_code, valid_from, valid_to (dates, half-open), recorded_from (UTC),
        rule_id and reason. An entity that was not known yet has no row.
    """
    moment = known_at or OPEN - timedelta(microseconds=1)
    cursor = con.execute(
        "select entity_id, segment_code, valid_from, valid_to, recorded_from, rule_id, reason"
        " from dim_customer_segment where scheme_id = $scheme"
        " and valid_from <= $day and valid_to > $day"
        " and recorded_from <= $moment and recorded_to > $moment order by entity_id",
        {"scheme": scheme_id, "day": day, "moment": moment},
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
