"""The words that a rule may use, as data.

Add a word here and its meaning in the module that the comment names; nothing else lists words.
"""

from dataclasses import dataclass

STATUSES = ("DRAFT", "ACTIVE", "RETIRED")
AGGREGATIONS = ("SUM", "AVG", "RATIO", "P50", "P90", "COUNT", "LAST", "TREND")  # metrics
UNITS = {"DAY": 0, "WEEK": 0, "MONTH": 1, "FISCAL_PERIOD": 1, "QUARTER": 3}
"""Columns of the metric matrix that one unit spans; zero: finer than the matrix."""
OPERATORS = (">=", ">", "<=", "<", "BETWEEN", "RANK_TOP_PCT", "CHANGE_PCT", "ZSCORE")  # conditions
CADENCES = ("DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "ANNUAL", "EVENT")
NO_EVENT = "NONE"
EVENTS = (
    NO_EVENT,
    "CONTRACT_SIGNED",
    "CONTRACT_EXPIRED",
    "MERGE",
    "SPLIT",
    "CREDIT_HOLD",
    "FIRST_ORDER",
    "DORMANT",
    "ACQUISITION",
    "SLA_BREACH_SERIES",
)
RE_EVALUATE = ("CONTRACT_SIGNED", "CONTRACT_EXPIRED", "SPLIT", "ACQUISITION")
"""Events after which all rules look at the customer at once, whatever their cadence."""
DIRECTIONS = ("UP", "DOWN", "BOTH", "TO_SPECIFIC")
PARENTS = ("INDEPENDENT", "MAX_OF_FAMILY", "INHERIT")  # guards; the last one is the strongest
APPROVALS = ("AUTO", "OWNER", "OWNER+SALES", "COMMITTEE")
EFFECTIVE = (
    "IMMEDIATE",
    "NEXT_DAY",
    "NEXT_MONTH",
    "NEXT_FISCAL_PERIOD",
    "NEXT_QUARTER",
    "CONTRACT_RENEWAL",
    "AFTER_NOTICE",
)  # effective
MISSING = ("HOLD", "USE_IMPUTED", "DEMOTE_NO")  # metrics, conditions
PLACEHOLDERS = ("value", "threshold", "consecutive", "held", "from", "to", "rule", "metric")

NUMBER, TEXT = "NUMBER", "TEXT"
STATE_ATTRIBUTES = {
    "current_segment": TEXT,
    "last_tier": TEXT,
    "days_in_segment": NUMBER,
    "days_since_reactivation": NUMBER,
}
"""What the engine itself knows about a customer; the day counts are null where there is none."""
GIVEN_ATTRIBUTES = {
    "account_group": TEXT,
    "channel": TEXT,
    "country_code": TEXT,
    "contract_days_left": NUMBER,
    "days_since_first_order": NUMBER,
    "dormancy_limit_days": NUMBER,
    "has_enough_orders": NUMBER,
    "idle_days": NUMBER,
    "is_dormant": NUMBER,
    "is_excluded": NUMBER,
    "is_key_account": NUMBER,
    "order_count": NUMBER,
    "revenue": NUMBER,
    "score": NUMBER,
}
"""What the caller hands over per evaluation."""
SCOPE_ATTRIBUTES = STATE_ATTRIBUTES | GIVEN_ATTRIBUTES
AUTO_ATTRIBUTES = SCOPE_ATTRIBUTES | {"steps": NUMBER}

ONBOARDING, DORMANT, EXCLUDED = "N0", "D0", "X0"


@dataclass(frozen=True)
class Segments:
    """The segments of one scheme. Tiers run from the best to the worst and come first.

    The engine numbers segments by their place in ``codes``: a smaller tier number is better.
    """

    scheme_id: str
    tiers: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return (*self.tiers, ONBOARDING, DORMANT, EXCLUDED)

    @property
    def tier_count(self) -> int:
        return len(self.tiers)

    def number(self, code: str) -> int:
        """Place of a code.

        Raises:
            ValueError: The scheme has no such segment.
        """
        return self.codes.index(code)


# What decided, from the strongest to the weakest. ``RULE`` stands for the rule that is named.
LEGAL_EXCLUSION = "LEGAL_EXCLUSION"
EXCLUSION_RULE = "EXCLUSION_RULE"
EXCLUSION_ENDED = "EXCLUSION_ENDED"
CONTRACT_FLOOR = "CONTRACT_FLOOR"
MANUAL_OVERRIDE = "MANUAL_OVERRIDE"
CHANGE_REQUEST = "CHANGE_REQUEST"
OVERRIDE_EXPIRED = "OVERRIDE_EXPIRED"
INHERIT = "INHERIT"
MAX_OF_FAMILY = "MAX_OF_FAMILY"
RULE = "RULE"
KEEP = "KEEP"
CAUSES = (
    LEGAL_EXCLUSION,
    EXCLUSION_RULE,
    EXCLUSION_ENDED,
    CONTRACT_FLOOR,
    MANUAL_OVERRIDE,
    CHANGE_REQUEST,
    OVERRIDE_EXPIRED,
    INHERIT,
    MAX_OF_FAMILY,
    RULE,
    KEEP,
)
FREEZE, DWELL, COOL_OFF = "FREEZE", "DWELL", "COOL_OFF"
GUARDS = (CONTRACT_FLOOR, FREEZE, DWELL, COOL_OFF)
"""What can hold back a rule that fired; the first that applies is named."""
