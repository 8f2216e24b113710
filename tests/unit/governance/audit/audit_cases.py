"""A home with decisions and a release of five small marts, each fault planted by one statement."""

import json
from datetime import UTC, datetime

import duckdb

from dagster_project.settings import Settings

AT = datetime(2026, 6, 1, tzinfo=UTC)

MARTS = """
create schema marts;
use marts;
create table dim_segment as select * from (values
    ('service', 'S1', 'TIER'), ('service', 'S2', 'TIER'), ('service', 'N0', 'ONBOARDING')
) as t(scheme_id, segment_code, kind);
create table fct_segment_event as select * from (values
    ('a', 'service', 'E1', 1, null, 'N0', date '2025-01-05', timestamp '2025-02-06', 'FIRST_SEEN',
        'FIRST_SEEN', null::varchar),
    ('b', 'service', 'E1', 2, 'N0', 'S2', date '2025-06-01', timestamp '2025-05-06',
        'FIRST_SCORE_S2', 'RULE', null),
    ('c', 'service', 'E1', 3, 'S2', 'S1', date '2025-09-01', timestamp '2025-08-06',
        'THRESHOLD_UP_S1', 'RULE', null)
) as t(event_id, scheme_id, entity_id, event_seq, from_segment_code, to_segment_code, valid_from,
    recorded_at, rule_id, cause, request_id);
alter table fct_segment_event add column contract_id varchar;
create table dim_customer_segment as select * from (values
    ('a', 'service', 'E1', 1, 'N0', date '2025-01-05', timestamp '2025-02-06'),
    ('a', 'service', 'E1', 1, 'N0', date '2025-01-05', timestamp '2025-05-06'),
    ('b', 'service', 'E1', 2, 'S2', date '2025-06-01', timestamp '2025-05-06'),
    ('b', 'service', 'E1', 2, 'S2', date '2025-06-01', timestamp '2025-08-06'),
    ('c', 'service', 'E1', 3, 'S1', date '2025-09-01', timestamp '2025-08-06')
) as t(event_id, scheme_id, entity_id, event_seq, segment_code, valid_from, recorded_from);
create table dim_fiscal_period as select * from (values
    ('MONTH', date '2025-01-01', date '2025-02-01', 'CLOSED', timestamp '2025-02-03'),
    ('MONTH', date '2025-09-01', date '2025-10-01', 'CLOSED', timestamp '2025-10-05'),
    ('MONTH', date '2026-05-01', date '2026-06-01', 'OPEN', null)
) as t(calendar_id, start_date, end_date, status, closed_at);
"""


def write_release(settings: Settings, head: dict | None, *faults: str) -> None:
    """Publish the small marts by hand; ``faults`` are statements that spoil them."""
    folder = settings.releases_dir / "R1"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "marts.duckdb")) as con:
        con.execute(MARTS)
        for fault in faults:
            con.execute(fault)
    manifest = {
        "release_id": "R1",
        "build_id": "b1",
        "as_of": "2026-05-31",
        "published_at": "2026-06-01T00:00:00+00:00",
        "tables": {},
        "data_through": {},
        "audit_head": head,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    settings.current_link.symlink_to("releases/R1")
