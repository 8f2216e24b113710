"""Kinds of decision about service that is agreed upon, missed and put right.

Listed in ``kinds`` with all others.
"""

from dagster_project.governance.kind import RULE_ROLE, Kind

FUNCTIONS = ("supply_chain", "sales", "finance", "customer_service")
"""Functions that can owe each other something; each signs in the role of its name."""
BREACH_ACTS = ("ack", "contain", "rca", "recover", "close", "step", "pause", "resume")
RECOVERY_STEPS = ("expedite", "substitute", "partial", "credit", "call")
PAUSE_REASONS = ("CUSTOMER_WAITS", "FORCE_MAJEURE", "CARRIER_STRIKE")
ACTION_ACTS = ("plan", "start", "verify", "close")
DEFINITION_ACTS = ("open", "approve", "reject")

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
    Kind(
        "definition_act",
        {
            "request_id": "varchar",
            "act": "varchar",
            "proposal_id": "varchar",
            "proposal_type": "varchar",
            "scheme_id": "varchar",
            "from_version": "varchar",
            "to_version": "varchar",
            "segment_key": "varchar",
            "element": "varchar",
            "direction": "varchar",
            "target": "decimal(18,6)",
            "new_target": "decimal(18,6)",
            "entities_moved": "bigint",
            "saving_group": "decimal(18,4)",
            "roles_needed": "varchar",
        },
        (RULE_ROLE, "segment_owner", "finance", "committee"),
        "A change request of type DEFINITION: a proposal opens it with what it would change, people"
        " approve or reject it. One row per act.",
        optional=frozenset(
            {
                *("proposal_id", "proposal_type", "scheme_id", "from_version", "to_version"),
                *("segment_key", "element", "direction", "target", "new_target"),
                *("entities_moved", "saving_group", "roles_needed"),
            }
        ),
        accepted={"act": DEFINITION_ACTS},
    ),
    Kind(
        "experiment",
        {
            "experiment_id": "varchar",
            "request_id": "varchar",
            "segment_key": "varchar",
            "region": "varchar",
            "metric_id": "varchar",
            "basis": "varchar",
            "start_month": "date",
            "end_month": "date",
            "expected_effect": "decimal(18,6)",
        },
        ("segment_owner", *FUNCTIONS),
        "Something is tried in one segment or in one region of it, from a month up to and including"
        " a month, and judged by one metric; a newer row may only end it on another month. One row"
        " per plan.",
        optional=frozenset({"request_id", "expected_effect"}),
        accepted={"basis": ("REQ", "FIRST", "LAST", "SHIP")},
    ),
)
