"""The feeds a company hands out: in which shape, when, and with which control totals.

Add a feed here and its query in ``sql/feeds/<system>/<feed>.sql``. Columns and keys come from
the contract, never from here.
"""

from dataclasses import dataclass, field
from enum import StrEnum

LARGE = "large"
"""Stands for the format that the size prescribes for big tables."""


class Made(StrEnum):
    """When a feed's rows exist, and how they are delivered."""

    ONCE = "once"
    """A master: one full extract."""
    BY_CHUNK = "by chunk"
    """Documents: made month by month, delivered by window."""
    AT_CLOSE = "at close"
    """Documents that need the whole history, delivered by window."""
    STANDING = "standing"
    """Needs the whole history; one full extract, a tail day repeats what changed."""
    STANDING_BY_CHUNK = "standing by chunk"


@dataclass(frozen=True)
class FeedSpec:
    """One feed of the simulated company."""

    system: str
    name: str
    made: Made
    format: str = "csv"
    totals: tuple[str, ...] = ()
    reading: dict[str, str] = field(default_factory=dict)
    """What the manifest says about delimiter, encoding and decimal sign."""
    also_at_close: bool = False
    """A few of its rows are only known when the history is complete."""

    @property
    def is_standing(self) -> bool:
        return self.made in (Made.ONCE, Made.STANDING, Made.STANDING_BY_CHUNK)


FEEDS: tuple[FeedSpec, ...] = (
    FeedSpec("erp", "customer", Made.ONCE),
    FeedSpec("erp", "customer_role", Made.ONCE),
    FeedSpec(
        "erp",
        "site",
        Made.ONCE,
        reading={"delimiter": ";", "encoding": "latin-1", "decimal": ","},
    ),
    FeedSpec("erp", "product", Made.ONCE),
    FeedSpec("erp", "uom_conversion", Made.ONCE),
    FeedSpec("erp", "item_cost", Made.ONCE, totals=("amount",)),
    FeedSpec("erp", "fx_rate", Made.STANDING),
    FeedSpec("erp", "fiscal_calendar", Made.ONCE),
    FeedSpec("erp", "working_calendar", Made.ONCE),
    FeedSpec("erp", "sales_order", Made.BY_CHUNK, LARGE, ("total_net",)),
    FeedSpec("erp", "sales_order_line", Made.BY_CHUNK, LARGE, ("ordered_qty",)),
    FeedSpec("erp", "supplier", Made.ONCE),
    FeedSpec("erp", "purchase_order", Made.AT_CLOSE, "parquet"),
    FeedSpec("erp", "purchase_order_line", Made.AT_CLOSE, "parquet", ("ordered_qty",)),
    FeedSpec("erp", "receipt", Made.AT_CLOSE, "parquet", ("received_qty",)),
    FeedSpec("erp", "invoice", Made.BY_CHUNK, LARGE, ("net_amount",)),
    FeedSpec("erp", "invoice_line", Made.BY_CHUNK, LARGE, ("net_amount", "discount_amount")),
    FeedSpec("crm", "account", Made.ONCE, "jsonl"),
    FeedSpec("crm", "contract", Made.ONCE),
    FeedSpec("crm", "contract_sla_term", Made.ONCE),
    FeedSpec("crm", "opportunity", Made.ONCE, totals=("amount",)),
    FeedSpec("crm", "case", Made.BY_CHUNK, "jsonl"),
    FeedSpec("crm", "survey_campaign", Made.AT_CLOSE),
    FeedSpec("crm", "survey_response", Made.AT_CLOSE),
    FeedSpec("crm", "interview_note", Made.AT_CLOSE),
    FeedSpec("wms", "shipment", Made.BY_CHUNK, "parquet", ("weight_kg",)),
    FeedSpec("wms", "shipment_line", Made.BY_CHUNK, "parquet", ("shipped_qty",)),
    FeedSpec("wms", "inventory_snapshot", Made.AT_CLOSE, "parquet", ("on_hand_qty",)),
    FeedSpec("wms", "inventory_movement", Made.AT_CLOSE, "parquet", ("moved_base_qty",)),
    FeedSpec("wms", "return", Made.BY_CHUNK, "parquet"),
    FeedSpec("wms", "return_line", Made.BY_CHUNK, "parquet", ("returned_qty",)),
    FeedSpec("tms", "load", Made.AT_CLOSE, "parquet", ("weight_kg",)),
    FeedSpec("tms", "load_shipment", Made.BY_CHUNK, "parquet"),
    FeedSpec("tms", "tracking_event", Made.BY_CHUNK, "parquet"),
    FeedSpec("tms", "freight_invoice", Made.BY_CHUNK, "parquet", ("amount",), also_at_close=True),
    FeedSpec("tms", "carrier", Made.ONCE, "parquet"),
    FeedSpec("finance", "gl_balance", Made.STANDING, totals=("amount_local",)),
    FeedSpec("finance", "gl_account_map", Made.ONCE, "xlsx"),
    FeedSpec("finance", "cost_pool", Made.STANDING, totals=("amount",)),
    FeedSpec("finance", "activity", Made.ONCE),
    FeedSpec("finance", "activity_time_std", Made.ONCE),
    FeedSpec("finance", "resource_capacity", Made.STANDING),
    FeedSpec("finance", "budget", Made.STANDING, totals=("amount",)),
    FeedSpec("sales_ops", "bookings_report", Made.STANDING_BY_CHUNK, LARGE, ("booked_net_amount",)),
    FeedSpec("sales_ops", "commission", Made.STANDING, totals=("basis_amount",)),
)
