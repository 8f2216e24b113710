"""Functions agree with each other; what both signed is scored, and nothing else."""

from datetime import date, datetime

from dagster_project.improvement.agreement import (
    attained,
    capability,
    content_hash,
    standing_agreements,
)

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
FILL = ("UNIT_FILL_RATE", "FIRST", "service:S1")
FORECAST = ("FORECAST", "NONE", "*")


def draft(name="FILL", seq=1, **changes):
    row = {
        "agreement_id": name,
        "agreement_version": 1,
        "supplier_function": "supply_chain",
        "customer_function": "sales",
        "segment_key": FILL[2],
        "metric_id": FILL[0],
        "basis": FILL[1],
        "target": 0.97,
        "commitment": "97 % of units",
        "valid_from": JAN,
        "valid_to": None,
        "excused_by": None,
    } | changes
    return row | {"seq": seq, "content_hash": content_hash(row)}


def signature(of, role, day=1):
    keys = ("agreement_id", "agreement_version", "content_hash")
    return {key: of[key] for key in keys} | {
        "role": role,
        "seq": 10 + day,
        "decided_at": datetime(2025, 12, day),
    }


def both(of):
    return [signature(of, of["supplier_function"], 1), signature(of, of["customer_function"], 9)]


def scored(drafts, signatures, values, excuse_months=1):
    agreements = standing_agreements(drafts, [], signatures)
    rows = attained(agreements, values, {"FORECAST": False}, [JAN, FEB, MAR], excuse_months)
    return {(row["agreement_id"], row["month"]): row["outcome"] for row in rows}


def test_unsigned_agreement_is_not_scored():
    values = {FILL: {JAN: 0.5}}
    assert scored([draft()], [], values) == {}
    assert scored([draft()], [signature(draft(), "sales")], values) == {}


def test_agreement_that_both_signed_is_scored_in_every_month_that_it_holds():
    of = draft(valid_to=FEB)
    found = scored([of], both(of), {FILL: {JAN: 0.97, FEB: 0.96, MAR: 0.2}})
    assert found == {("FILL", JAN): "KEPT", ("FILL", FEB): "BREACHED"}


def test_signatures_of_another_content_do_not_count():
    changed = draft(seq=2, target=0.99)
    assert scored([draft(), changed], both(draft()), {FILL: {JAN: 0.98}}) == {}
    (one,) = standing_agreements([draft(), changed], [], both(draft()))
    assert (one.status, one.target) == ("DRAFT", 0.99)


def test_newer_version_replaces_the_older_one():
    newer = draft(seq=3, agreement_version=2, target=0.5)
    found = scored([draft(), newer], both(draft()) + both(newer), {FILL: {JAN: 0.6}})
    assert found[("FILL", JAN)] == "KEPT"


def test_offer_or_one_signature_is_a_negotiation():
    offer = {"agreement_id": "FILL", "agreement_version": 1}
    assert standing_agreements([draft()], [offer], [])[0].status == "NEGOTIATING"
    signed = [signature(draft(), "sales")]
    assert standing_agreements([draft()], [], signed)[0].status == "NEGOTIATING"


def test_breach_after_the_other_side_broke_its_own_promise_is_excused_and_not_counted():
    owed = draft(
        "FORECAST",
        supplier_function="sales",
        customer_function="supply_chain",
        metric_id="FORECAST",
        basis="NONE",
        segment_key="*",
        target=0.25,
    )
    fill = draft(excused_by="FORECAST")
    values = {FILL: {JAN: 0.9, FEB: 0.9, MAR: 0.9}, FORECAST: {JAN: 0.4, FEB: 0.2, MAR: 0.2}}
    found = scored([owed, fill], both(owed) + both(fill), values)
    assert found[("FORECAST", JAN)] == "BREACHED"
    assert [found[("FILL", month)] for month in (JAN, FEB, MAR)] == [
        *("EXCUSED", "EXCUSED", "BREACHED"),
    ]
    assert scored([fill], both(fill), values)[("FILL", JAN)] == "BREACHED"


def test_month_without_a_value_is_neither_kept_nor_breached():
    of = draft()
    assert scored([of], both(of), {})[("FILL", JAN)] == "NOT_MEASURED"


def test_target_is_negotiated_from_what_the_last_months_could_do():
    assert capability([0.90, 0.92, 0.94, 0.96, 0.98, 1.0], True) == (0.95, 0.91)
    assert capability([3.0, 5.0], False) == (4.0, 4.8)
    assert capability([], True) is None
