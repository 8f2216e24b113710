"""Columns of the tables that the segmentation leaves in schema ``analytics``."""

import pyarrow as pa

from dagster_project.segmentation.proposed import PROPOSAL

_POINTS, _SHARE = pa.decimal128(9, 4), pa.decimal128(9, 6)

SCHEMAS: dict[str, pa.Schema] = {
    "segment_score": pa.schema(
        [
            ("scheme_id", pa.string()),
            ("entity_id", pa.string()),
            ("evaluation_month", pa.date32()),
            ("attribute_id", pa.string()),
            ("value", pa.decimal128(18, 4)),
            ("percentile", _SHARE),
            ("weight", _SHARE),
            ("contribution", _POINTS),
        ]
    ),
    "segment_total": pa.schema(
        [
            ("scheme_id", pa.string()),
            ("entity_id", pa.string()),
            ("evaluation_month", pa.date32()),
            ("recorded_at", pa.timestamp("us")),
            ("status", pa.string()),
            ("segment_code", pa.string()),
            ("score", _POINTS),
            ("score_rank", pa.int64()),
            ("scored_entities_count", pa.int64()),
            ("known_orders_count", pa.int64()),
            ("up_streak", pa.int64()),
            ("down_streak", pa.int64()),
            ("better_segment_code", pa.string()),
            ("better_threshold", _POINTS),
            ("keep_threshold", _POINTS),
        ]
    ),
    "segment_event": pa.schema(
        [
            ("event_id", pa.string()),
            ("scheme_id", pa.string()),
            ("entity_id", pa.string()),
            ("event_seq", pa.int64()),
            ("evaluation_month", pa.date32()),
            ("from_segment_code", pa.string()),
            ("to_segment_code", pa.string()),
            ("valid_from", pa.date32()),
            ("recorded_at", pa.timestamp("us")),
            ("rule_id", pa.string()),
            ("reason", pa.string()),
            ("score", _POINTS),
            ("values_json", pa.string()),
            ("cause", pa.string()),
            ("rule_version", pa.int64()),
            ("request_id", pa.string()),
            ("contract_id", pa.string()),
            ("proposal_id", pa.string()),
        ]
    ),
    "segment_assignment": pa.schema(
        [
            ("scheme_id", pa.string()),
            ("entity_id", pa.string()),
            ("segment_code", pa.string()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
            ("recorded_from", pa.timestamp("us")),
            ("recorded_to", pa.timestamp("us")),
            ("event_id", pa.string()),
            ("event_seq", pa.int64()),
            ("rule_id", pa.string()),
            ("reason", pa.string()),
        ]
    ),
    "segment_recut": pa.schema(
        [
            ("scheme_id", pa.string()),
            ("entity_id", pa.string()),
            ("segment_code", pa.string()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
            ("rule_set_version", pa.string()),
        ]
    ),
    "segment_proposal": PROPOSAL,
    "segment_mark": pa.schema([("input_mark", pa.string()), ("summary_json", pa.string())]),
}
