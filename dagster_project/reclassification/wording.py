"""Names, ids and reasons of proposals: what turns the arrays of an evaluation into words.

Texts are made once per kind of move and filled with the numbers of each customer.
"""

import hashlib
import uuid
from collections.abc import Sequence

import numpy as np

from dagster_project.reclassification.rules import Rule, RuleSet
from dagster_project.reclassification.vocabulary import CAUSES, GUARDS
from dagster_project.segmentation.scores import FloatArray, IntArray

NAMESPACE = uuid.UUID("6f1d2c1e-5d3b-5c1e-9a54-7c0e3b1f7a20")
"""Namespace of proposal ids; a change would rename every proposal ever made."""

_REASONS = {
    "LEGAL_EXCLUSION": "Excluded by law or compliance.",
    "EXCLUSION_ENDED": "The reason for exclusion has gone; returns to where it was.",
    "CONTRACT_FLOOR": "A contract in force promises at least {to}.",
    "MANUAL_OVERRIDE": "Set to {to} by a person; valid until the override ends.",
    "CHANGE_REQUEST": "Moved to {to} by an approved request.",
    "OVERRIDE_EXPIRED": "The manual override ended; returns to the result of the rules, {to}.",
    "INHERIT": "Takes the segment of its parent, {to}.",
    "MAX_OF_FAMILY": "Takes the best tier of its family, {to}.",
    "KEEP": "Stays {to}.",
}
_VALUE, _HELD = "\0", "\1"


def ids(names: Sequence[str]) -> list[str]:
    """The uuid5 (RFC 9562) of each name in the project's namespace."""
    space = NAMESPACE.bytes
    digests = b"".join(
        hashlib.sha1(space + name.encode(), usedforsecurity=False).digest()[:16] for name in names
    )
    octets = np.frombuffer(digests, dtype=np.uint8).reshape(-1, 16).copy()
    octets[:, 6] = octets[:, 6] & 0x0F | 0x50
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    text = octets.tobytes().hex()
    starts = range(0, len(text), 32)
    return [
        f"{text[k : k + 8]}-{text[k + 8 : k + 12]}-{text[k + 12 : k + 16]}-"
        f"{text[k + 16 : k + 20]}-{text[k + 20 : k + 32]}"
        for k in starts
    ]


def names(rule_set: RuleSet) -> list[str]:
    """Whatever can win or lose: rules, then levels of precedence, then guards."""
    return [*(rule.rule_id for rule in rule_set.rules), *CAUSES, *GUARDS]


def reasons(
    rule_set: RuleSet,
    cause: IntArray,
    rule: IntArray,
    before: IntArray,
    after: IntArray,
    value: FloatArray,
    threshold: FloatArray,
    held: IntArray,
) -> list[str]:
    """Why, in words that an account manager can repeat; one text per proposal."""
    known: dict[tuple, str] = {}
    keys = zip(*(a.tolist() for a in (cause, rule, before, after, threshold.round(9))), strict=True)
    found = []
    for key, number, count in zip(keys, value.tolist(), held.tolist(), strict=True):
        # NaN is not equal to itself and would be a new key each time.
        place = key if key[4] == key[4] else (*key[:4], None)
        text = known.get(place)
        if text is None:
            text = known[place] = _sentence(rule_set, *key)
        if _VALUE in text:
            text = text.replace(_VALUE, f"{number:g}")
        if _HELD in text:
            text = text.replace(_HELD, str(count))
        found.append(text)
    return found


def _sentence(
    rule_set: RuleSet, cause: int, rule: int, before: int, after: int, threshold: float
) -> str:
    codes = rule_set.segments.codes
    if rule < 0:
        return _REASONS[CAUSES[cause]].format(to=codes[after])
    found = rule_set.rules[rule]
    words = {
        "value": _VALUE,
        "held": _HELD,
        "threshold": f"{threshold:g}",
        "consecutive": found.consecutive,
        "from": codes[before],
        "to": codes[after],
        "rule": found.rule_id,
        "metric": found.metric_id,
    }
    return (found.explain_template or _template(found)).format(**words)


def _template(rule: Rule) -> str:
    if not rule.metric_id:
        return "{rule}: from {from} to {to}."
    return "{metric} {value} against {threshold}, {held} evaluations in a row; from {from} to {to}."


def disagreement(rule_set: RuleSet, lost: IntArray) -> str:
    """Names the rules that lost to the family, with what each wanted about parents."""
    rules = [rule_set.rules[place] for place in sorted(set(lost[lost >= 0].tolist()))]
    if not rules:
        return ""
    wishes = ", ".join(f"{rule.rule_id} ({rule.respects_parent})" for rule in rules)
    return f" The family stands above rules: {wishes} did not decide."
