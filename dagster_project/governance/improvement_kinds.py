"""Kinds of decision about service that is agreed upon, missed and put right.

Listed in ``kinds`` with all others.
"""

from dagster_project.governance.kind import Kind

FUNCTIONS = ("supply_chain", "sales", "finance", "customer_service")
"""Functions that can owe each other something; each signs in the role of its name."""
BREACH_ACTS = ("ack", "contain", "rca", "recover", "close", "step", "pause", "resume")
RECOVERY_STEPS = ("expedite", "substitute", "partial", "credit", "call")
PAUSE_REASONS = ("CUSTOMER_WAITS", "FORCE_MAJEURE", "CARRIER_STRIKE")
ACTION_ACTS = ("plan", "start", "verify", "close")

IMPROVEMENT_KINDS = (
    Kind(
        "internal_agreement",
        {
            "agreement_id": "varchar",
            "agreement_version": "bigint",
            "supplier_function": "varchar",
            "customer_function": "varchar",
            "segment_key": "varchar",
            "metric_id": "varchar",
            "basis": "varchar",
            "target": "decimal(18,6)",
            "commitment": "varchar",
            "valid_from": "date",
            "valid_to": "date",
            "excused_by": "varchar",
            "content_hash": "varchar",
        },
        FUNCTIONS,
        "A function owes another one a service for a segment, from a day up to and including a day;"
        " nothing is scored before both have signed its content. One row per draft.",
        optional=frozenset({"valid_to", "excused_by"}),
        accepted={
            "supplier_function": FUNCTIONS,
            "customer_function": FUNCTIONS,
            "basis": ("REQ", "FIRST", "LAST", "SHIP", "NONE"),
        },
    ),
    Kind(
        "agreement_round",
        {
            "agreement_id": "varchar",
            "agreement_version": "bigint",
            "offered_target": "decimal(18,6)",
            "feasible_p50": "decimal(18,6)",
            "feasible_p90": "decimal(18,6)",
        },
        FUNCTIONS,
        "A function offers or counters a target, with what was attained in the last months at that"
        " moment. One row per offer.",
        optional=frozenset({"feasible_p50", "feasible_p90"}),
    ),
    Kind(
        "agreement_signature",
        {
            "agreement_id": "varchar",
            "agreement_version": "bigint",
            "content_hash": "varchar",
        },
        FUNCTIONS,
        "A function signs the content of an agreement; another content needs another signature."
        " One row per signature.",
    ),
    Kind(
        "breach_act",
        {
            "breach_id": "varchar",
            "act": "varchar",
            "step": "varchar",
            "cause": "varchar",
            "evidence": "varchar",
            "cost_group": "decimal(18,4)",
            "pause_reason": "varchar",
        },
        ("segment_owner", *FUNCTIONS),
        "Somebody acknowledges, contains, explains, recovers or closes a breach of service, takes a"
        " step of recovery, or stops its clock. One row per act.",
        optional=frozenset({"step", "cause", "evidence", "cost_group", "pause_reason"}),
        accepted={"act": BREACH_ACTS, "step": RECOVERY_STEPS, "pause_reason": PAUSE_REASONS},
    ),
    Kind(
        "corrective_act",
        {
            "action_id": "varchar",
            "act": "varchar",
            "owner": "varchar",
            "root_cause": "varchar",
            "due_date": "date",
            "effective_month": "date",
            "expected_effect": "decimal(18,6)",
            "budget_group": "decimal(18,4)",
            "evidence": "varchar",
        },
        ("segment_owner", *FUNCTIONS),
        "Somebody plans, starts, verifies or closes a corrective action. One row per act.",
        optional=frozenset(
            {
                *("owner", "root_cause", "due_date", "effective_month"),
                *("expected_effect", "budget_group", "evidence"),
            }
        ),
        accepted={"act": ACTION_ACTS},
    ),
)
