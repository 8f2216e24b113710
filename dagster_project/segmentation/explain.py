"""Why a customer is in its segment, from the released marts, in plain words.

Add a fact here when people ask for it and a mart has it; nothing is computed that a mart could
hold. ``render`` only lays out what ``explain_from`` found.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dagster_project.errors import TierlineError, UsageError
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

Explanation = dict[str, Any]
"""Plain values only, so that it can be printed as JSON."""

_SCHEME = "service"


def explain(settings: Settings, customer: str, as_of: str | None = None) -> Explanation:
    """Explain a customer from the current release.

    Args:
        settings: The home.
        customer: ERP customer id or segmentation entity.
        as_of: Day asked about, ``YYYY-MM-DD``; the release's own day when not given.

    Raises:
        TierlineError: Nothing has been released.
        UsageError: There is no such customer; near matches are named.
    """
    import duckdb

    from dagster_project.release.releases import current_release

    release = current_release(settings)
    if release is None:
        raise TierlineError(
            "There is no release to ask.",
            f"Nothing has been published in {settings.home}.",
            "Run `tierline build`, `tierline gate` and `tierline publish`.",
        )
    con = duckdb.connect(str(release.database), read_only=True)
    try:
        return explain_from(con, customer, as_of) | {"release": release.release_id}
    finally:
        con.close()


def explain_from(con: Any, customer: str, as_of: str | None = None) -> Explanation:
    """Explain a customer from an open connection to marts; see ``explain``."""
    _use_marts(con)
    who = _customer(con, customer)
    rows = _beliefs(con, who["entity_id"])
    now = _current(rows, as_of)
    score = _score(con, who["entity_id"], as_of)
    found: Explanation = {
        "customer": who,
        "as_of": as_of,
        "segment": now,
        "coming": _coming(rows, now),
        "score": score,
        "history": _history(con, who["entity_id"]),
    }
    return found | {"sentences": _sentences(found)}


# What the marts say -----------------------------------------------------------------------------


def _rows(con: Any, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    result = con.execute(query, list(parameters))
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _use_marts(con: Any) -> None:
    """Make the marts the default schema, wherever a release or the work file keeps them."""
    found = con.execute(
        "select table_catalog, table_schema from information_schema.tables"
        " where table_name = 'dim_customer_segment' limit 1"
    ).fetchone()
    if found is None:
        raise TierlineError(
            "The segments of customers are not there.",
            "The database has no table dim_customer_segment.",
            "Run `tierline build`.",
        )
    con.execute(f'use "{found[0]}"."{found[1]}"')


def _customer(con: Any, customer: str) -> dict[str, Any]:
    found = _rows(
        con,
        "select customer_id, customer_name, entity_id,"
        " count(*) over (partition by entity_id) as entity_customers_count"
        " from dim_customer qualify customer_id = ? or entity_id = ?"
        " order by customer_id <> ?, customer_id limit 1",
        [customer, customer, customer],
    )
    if found:
        return found[0]
    near = _rows(
        con,
        "select customer_id, customer_name from dim_customer order by greatest("
        "jaro_winkler_similarity(lower(customer_id), lower(?)),"
        "jaro_winkler_similarity(lower(customer_name), lower(?))) desc, customer_id limit 3",
        [customer, customer],
    )
    names = "; ".join(f"{row['customer_id']} ({row['customer_name']})" for row in near)
    raise UsageError(
        f"There is no customer {customer!r}.",
        f"The nearest are: {names}." if near else "The release holds no customer at all.",
        f"Try `tierline explain {near[0]['customer_id']}`." if near else "",
    )


def _beliefs(con: Any, entity_id: str) -> list[dict[str, Any]]:
    return _rows(
        con,
        "select assignment.segment_code, segment.label, assignment.segment_key,"
        " cast(assignment.valid_from as varchar) as valid_from,"
        " cast(assignment.valid_to as varchar) as valid_to,"
        " cast(cast(event.recorded_at as date) as varchar) as decided_on,"
        " assignment.rule_id, assignment.reason, is_current"
        " from dim_customer_segment as assignment"
        " inner join dim_segment as segment using (segment_key)"
        " inner join fct_segment_event as event using (event_id)"
        " where assignment.entity_id = ? and assignment.scheme_id = ? and is_latest_belief"
        " order by assignment.valid_from",
        [entity_id, _SCHEME],
    )


def _current(rows: list[dict[str, Any]], as_of: str | None) -> dict[str, Any] | None:
    for row in rows:
        holds = row["is_current"] if as_of is None else row["valid_from"] <= as_of < row["valid_to"]
        if holds:
            return {name: value for name, value in row.items() if name != "is_current"}
    return None


def _coming(rows: list[dict[str, Any]], now: dict[str, Any] | None) -> dict[str, Any] | None:
    if now is None:
        return None
    later = [row for row in rows if row["valid_from"] >= now["valid_to"]]
    return {k: v for k, v in later[0].items() if k != "is_current"} if later else None


def _score(con: Any, entity_id: str, as_of: str | None) -> dict[str, Any] | None:
    found = _rows(
        con,
        "select cast(evaluation_month as varchar) as evaluation_month, status,"
        " cast(score as double) as score, score_rank, scored_entities_count, known_orders_count,"
        " segment_code, up_streak, down_streak, better_segment_code,"
        " cast(better_threshold as double) as better_threshold,"
        " cast(keep_threshold as double) as keep_threshold"
        " from mart_segmentation__score where entity_id = ? and scheme_id = ?"
        " and recorded_at < cast(? as date) + interval 1 day"
        " order by evaluation_month desc limit 1",
        [entity_id, _SCHEME, as_of or "9999-12-30"],
    )
    if not found:
        return None
    score = found[0]
    score["parts"] = _rows(
        con,
        "select attribute_id, coalesce(attribute_label, attribute_id) as label, unit,"
        " cast(value as double) as value, cast(percentile as double) as percentile,"
        " cast(weight as double) as weight, cast(contribution as double) as contribution"
        " from mart_segmentation__score_part"
        " where entity_id = ? and scheme_id = ? and evaluation_month = cast(? as date)"
        " order by contribution desc, attribute_id",
        [entity_id, _SCHEME, score["evaluation_month"]],
    )
    points, better, keep = (score[k] for k in ("score", "better_threshold", "keep_threshold"))
    has_score = points is not None
    score["points_to_better"] = round(better - points, 4) if has_score and better else None
    score["points_above_keep"] = round(points - keep, 4) if has_score and keep else None
    return score


def _history(con: Any, entity_id: str) -> list[dict[str, Any]]:
    return _rows(
        con,
        "select event_seq, cast(cast(recorded_at as date) as varchar) as decided_on,"
        " cast(valid_from as varchar) as valid_from, from_segment_code, to_segment_code,"
        " rule_id, reason, cast(score as double) as score"
        " from fct_segment_event where entity_id = ? and scheme_id = ? order by event_seq",
        [entity_id, _SCHEME],
    )


# In words ---------------------------------------------------------------------------------------


def _sentences(found: Explanation) -> list[str]:
    who, now, coming, score = (found[k] for k in ("customer", "segment", "coming", "score"))
    name = f"{who['customer_name']} ({who['customer_id']})"
    if now is None:
        return [f"{name} has no segment at that date."]
    text = [f"{name} is {now['label']} ({now['segment_code']}) since {now['valid_from']}."]
    if who["entity_id"] != who["customer_id"] or who["entity_customers_count"] > 1:
        count = who["entity_customers_count"]
        accounts = "account" if count == 1 else "accounts"
        text.append(f"It is judged as part of {who['entity_id']}, {count} {accounts}.")
    text.append(f"Decided on {now['decided_on']} by {now['rule_id']}: {now['reason']}")
    if coming:
        text.append(
            f"From {coming['valid_from']} it will be {coming['label']}"
            f" ({coming['segment_code']}): {coming['reason']}"
        )
    return text + _score_sentences(score)


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


def render(explanation: Explanation) -> "RenderableType":
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
        table.add_row(
            event["decided_on"], event["valid_from"], move, event["rule_id"], event["reason"]
        )
    return table
