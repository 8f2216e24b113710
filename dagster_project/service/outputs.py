"""The tables that the analyses of service write: their columns and types.

Add a table here, to ``OUTPUTS`` of ``run.py`` and to ``_analytics__tables.yml``.
"""

from collections.abc import Mapping

import pyarrow as pa

TEXT, WHOLE, NUMBER, FLAG, DAY = pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32()

SCHEMAS: Mapping[str, pa.Schema] = {
    "demand_execution_split": pa.schema(
        [
            ("site_id", TEXT),
            ("product_family", TEXT),
            ("demand_month", DAY),
            ("series_count", WHOLE),
            ("demand_micro", WHOLE),
            ("planned_micro", WHOLE),
            ("f00_micro", WHOLE),
            ("f10_micro", WHOLE),
            ("f01_micro", WHOLE),
            ("f11_micro", WHOLE),
            ("twice_demand_micro", WHOLE),
            ("twice_execution_micro", WHOLE),
            ("twice_bias_micro", WHOLE),
            ("twice_noise_micro", WHOLE),
            ("input_mark", TEXT),
        ]
    ),
    "order_bottleneck": pa.schema(
        [
            ("first_day", DAY),
            ("last_day", DAY),
            ("stage", TEXT),
            ("stage_no", WHOLE),
            ("site_id", TEXT),
            ("segment_key", TEXT),
            ("shipments_count", WHOLE),
            ("measured_count", WHOLE),
            ("delayed_count", WHOLE),
            ("lines_count", WHOLE),
            ("total_minutes", NUMBER),
            ("delay_minutes", NUMBER),
            ("late_lines_count", WHOLE),
            ("late_amount_e4", WHOLE),
            ("delayed_amount_e4", WHOLE),
            ("hit_index", NUMBER),
            ("hit_index_low", NUMBER),
            ("hit_index_high", NUMBER),
            ("peak_hour", WHOLE),
            ("is_longest_wait", FLAG),
            ("is_flagged", FLAG),
            ("excess_amount_e4", WHOLE),
            ("place_no", WHOLE),
            ("input_mark", TEXT),
        ]
    ),
}
