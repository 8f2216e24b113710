"""An explanation in words that can be read to a customer, and laid out for a terminal.

What is found out belongs in ``explain.py``; here only how it is said.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType


def sentences(found: dict[str, Any]) -> list[str]:
    who, now, coming, score = (found[k] for k in ("customer", "segment", "coming", "score"))
    name = f"{who['customer_name']} ({who['customer_id']})"
    if now is None:
        return [f"{name} has no segment at that date, or none was known."]
    known = f"As known on {found['known_at']}: " if found["known_at"] else ""
    text = [f"{known}{name} is {now['label']} ({now['segment_code']}) since {now['valid_from']}."]
    if who["entity_id"] != who["customer_id"] or who["entity_customers_count"] > 1:
        count = who["entity_customers_count"]
        accounts = "account" if count == 1 else "accounts"
        text.append(f"It is judged as part of {who['entity_id']}, {count} {accounts}.")
    if who["own_until"] and (found["known_at"] or "9999") > who["own_until"]:
        text.append(
            f"Until {who['own_until']} it was a customer of its own; since then it is known to be"
            " one with another. Ask with --known-at for what was known before."
        )
    text.append(f"Decided on {now['decided_on']} by {now['rule_id']}: {now['reason']}")
    text += _behind(now)
    if coming:
        text.append(
            f"From {coming['valid_from']} it will be {coming['label']}"
            f" ({coming['segment_code']}): {coming['reason']}"
        )
        text += _behind(coming)
    return text + _score_sentences(score) + _proposal_sentences(found)


def _behind(decided: dict[str, Any]) -> list[str]:
    """Who or what stands behind a decision that no rule took alone."""
    text = []
    if decided["contract_id"]:
        text.append(f"The contract is {decided['contract_id']}.")
    if decided["approved_by"]:
        text.append(f"Approved by {decided['approved_by']}.")
    return text


HELD_BACK = {
    "CONTRACT_FLOOR": "a contract in force promises more",
    "FREEZE": "nobody is moved that way in this season",
    "DWELL": "the last change is too recent",
    "COOL_OFF": "a manual override has ended only lately",
    "MANUAL_OVERRIDE": "a person has set the tier for the time being",
    "CHANGE_REQUEST": "an approved request decided otherwise",
    "OVERRIDE_EXPIRED": "the end of a manual override decided otherwise",
    "INHERIT": "the customer follows its parent",
    "MAX_OF_FAMILY": "the customer stands with the best of its family",
    "EXCLUSION_RULE": "the customer is excluded",
    "LEGAL_EXCLUSION": "the customer is excluded by law",
}
"""What stops a rule, in words; a rule that is stopped by another is told by its name."""


def _proposal_sentences(found: dict[str, Any]) -> list[str]:
    """What fired at the last evaluation without deciding. What decided has been told already."""
    last, score = found["last_proposal"], found["score"]
    if last is not None and last.get("waits_for"):
        roles = " and ".join(last["waits_for"].split())
        return [
            f"On {last['evaluation_date']} {last['rule_id'] or last['cause']} proposed"
            f" {last['to_segment_code']}; since {last['waiting_since_date']} it waits for {roles}."
        ]
    if last is None or not last["losers"]:
        return []
    if score is not None and last["evaluation_date"] < score["evaluated_on"]:
        return []
    text = []
    for loser in last["losers"].split("; "):
        what, blocker = loser.rsplit(": ", 1)
        rule, target = what.split(" to ")
        why = HELD_BACK.get(blocker, f"{blocker} comes first")
        text.append(f"On {last['evaluation_date']} {rule} pointed to {target}, but {why}.")
    return text


def _score_sentences(score: dict[str, Any] | None) -> list[str]:
    if score is None:
        return ["It has not been evaluated yet."]
    month = score["evaluation_month"][:7]
    if score["score"] is None:
        words = {
            "ONBOARDING": f"too little history ({score['known_orders_count']} orders)",
            "DORMANT": "no recent order",
        }
        return [f"No score for {month}: {words.get(score['status'], 'no attribute had a value')}."]
    text = [
        f"Score for {month}: {score['score']:.2f}, place {score['score_rank']:,}"
        f" of {score['scored_entities_count']:,}."
    ]
    gap, better = score["points_to_better"], score["better_segment_code"]
    if gap is not None and gap > 0:
        text.append(f"{gap:.2f} points are missing for {better} ({score['better_threshold']:g}).")
    elif gap is not None:
        held = score["up_streak"]
        text.append(f"The score is enough for {better}, {held} evaluations in a row so far.")
    spare = score["points_above_keep"]
    if spare is not None and spare >= 0:
        text.append(f"{spare:.2f} points above the limit for keeping {score['segment_code']}.")
    elif spare is not None:
        text.append(
            f"{-spare:.2f} points below the limit for keeping {score['segment_code']},"
            f" {score['down_streak']} evaluations in a row so far."
        )
    return text


def render(explanation: dict[str, Any]) -> "RenderableType":
    """Lay out an explanation for a terminal: the answer first, then score and history."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    now = explanation["segment"]
    title = f"{explanation['customer']['customer_id']}  {now['label'] if now else 'no segment'}"
    answer = Panel(Text("\n".join(explanation["sentences"])), title=title, title_align="left")
    blocks: list[RenderableType] = [answer]
    if explanation["score"] and explanation["score"]["parts"]:
        blocks.append(_parts_table(explanation["score"]))
    if explanation["history"]:
        blocks.append(_history_table(explanation["history"]))
    return Group(*blocks)


def _parts_table(score: dict[str, Any]) -> "RenderableType":
    from rich import box
    from rich.table import Table

    title = f"What makes the score of {score['evaluation_month'][:7]}"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for name in ("Attribute", "Value", "Better than", "Weight", "Points"):
        table.add_column(name, justify="left" if name == "Attribute" else "right")
    for part in score["parts"]:
        value = "–" if part["value"] is None else f"{part['value']:,.2f} {part['unit'] or ''}"
        table.add_row(
            part["label"],
            value.strip(),
            f"{part['percentile']:.1%}" if part["weight"] else "–",
            f"{part['weight']:.0%}",
            f"{part['contribution']:.2f}",
        )
    table.add_section()
    table.add_row("Score", "", "", "", f"{score['score']:.2f}", style="bold")
    return table


def _history_table(history: list[dict[str, Any]]) -> "RenderableType":
    from rich import box
    from rich.table import Table

    table = Table(title="History", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for name in ("Decided", "Holds from", "Move", "Rule", "Why"):
        table.add_column(name, overflow="fold", no_wrap=name in ("Decided", "Holds from", "Move"))
    for event in history:
        move = f"{event['from_segment_code'] or '–'} → {event['to_segment_code']}"
        who = f" Approved by {event['approved_by']}." if event["approved_by"] else ""
        why = f"{event['reason']}{who}"
        table.add_row(event["decided_on"], event["valid_from"], move, event["rule_id"], why)
    return table
