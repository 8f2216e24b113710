"""Writes what can be derived: the reference of the feeds, the page on missing values, the coverage
table of the README and the list of feeds that dbt needs before it has read the contracts.

Add a page by adding a function to ``PAGES``; ``make docs`` writes them all. A test compares the
pages with what is written here, so a contract and its page cannot drift apart.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from dagster_project.ingestion.contract import Column, Feed, load_contracts
from dagster_project.metrics.registry import Metric, parse_metrics
from dagster_project.metrics.semantic import parts_as_metrics, semantic_models
from dagster_project.settings import DBT_DIR, SEEDS_DIR

DOCS_DIR = Path(__file__).resolve().parent
README = DOCS_DIR.parent / "README.md"
BEGIN, END = "<!-- coverage:begin -->", "<!-- coverage:end -->"
STATUSES = ("works", "partial", "open")
MODULES = {
    "1": "Objectives",
    "2": "Integration and profiling",
    "3": "Service tiers",
    "4": "Inventory and fulfilment",
    "5": "Network and logistics",
    "6": "Governance",
    "7": "Technology",
    "8": "Monitoring and improvement",
    "9": "Adoption",
}

FEED_LIST = """{{#-
    The feeds of the contracts, known when dbt parses a model and not only when it runs one.
    Written by `make docs`; do not edit it here.
-#}}
{{% macro feed_list() %}}
    {{{{ return([
{rows}
    ]) }}}}
{{% endmacro %}}
"""

HEADER = """# Feeds

What a company can deliver, system by system. Written from the contracts in
`dbt/models/staging/<system>/_<system>__sources.yml` by `make docs`; do not edit it here.

A column without "may be empty" must have a value in every row; a row without it goes to
quarantine. Columns that may be empty can be left out of the file altogether.

| type | how it is written |
|---|---|
| `varchar` | text; blanks around it do not count, and blank text is no value |
| `bigint` | whole number |
| `decimal(p,s)` | number with at most `s` decimals; `.` unless the manifest says otherwise |
| `date` | `2025-03-31`, or as `date_format` in the manifest says |
| `timestamp` | `2025-03-31T18:00:00Z` or with an offset; without one it is UTC |
| `boolean` | `true` or `false`; `1`/`0`, `yes`/`no` are understood |
"""


def feeds_page() -> str:
    """All feeds with their columns, required ones first."""
    feeds = sorted(load_contracts().values(), key=lambda feed: (not feed.required,))
    overview = ["| feed | required | key | what it is |", "|---|---|---|---|"]
    overview += [_overview_row(feed) for feed in feeds]
    return "\n".join([HEADER, *overview, "", *map(_section, feeds)])


def _overview_row(feed: Feed) -> str:
    required = "yes" if feed.required else ""
    link = f"[{feed.system}.{feed.name}](#{feed.system}{feed.name})"
    return f"| {link} | {required} | {', '.join(feed.key)} | {feed.description} |"


def _section(feed: Feed) -> str:
    rows = [f"## {feed.system}.{feed.name}", "", feed.description, ""]
    rows += [f"Owner: {feed.owner}. Fresh within {feed.freshness_hours} hours.", ""]
    rows += ["| column | type | may be empty | meaning |", "|---|---|---|---|"]
    rows += [_column_row(feed, column) for column in feed.columns]
    return "\n".join(rows) + "\n"


def _column_row(feed: Feed, column: Column) -> str:
    name = f"**{column.name}**" if column.name in feed.key else column.name
    notes = [column.description]
    if column.accepted:
        notes.append(f"One of {', '.join(column.accepted)}.")
    if column.greater_than is not None:
        notes.append(f"More than {column.greater_than}.")
    if column.references:
        notes.append(f"Must be in {column.references}.")
    if column.unit:
        notes.append(f"Unit: {column.unit}.")
    empty = "yes" if column.nullable else ""
    return f"| {name} | `{column.data_type}` | {empty} | {' '.join(notes)} |"


MISSING_HEADER = """# What takes the place of a missing value

Written from `seeds/policy/imputation_rule.csv` and `docs/missing_values.yml` by `make docs`; do not
edit it here.

A value that no source delivered is either left empty, with the reason beside it, or filled in by
a rule. Each value that is filled in, and each required value that stays empty, has a row in
`mart_governance__imputation_log`: the rule, the value, what it is made of, how far to believe it
and until when. A test looks for the nulls where they come in and finds those that the log does not
know.

## Rules

A rule with a greatest age is used until the day on which its value is as old as that; then the next
rule of the metric is tried. A policy row that no model uses, or a rule without a row, stops the
build with the name of the row. How values are logged:

- `row`: one row per value.
- `field`: one row per value; a company whose feed delivers the column in no row at all has one row
  that says so with the count. Millions of equal rows would hide those that matter.
- `holder`: one row per customer with the count. The contract of the feed says what an empty cell
  means, and it is the same in all documents of the customer.

| metric | rule | when | what takes its place | confidence | days | logged | why |
|---|---|---|---|--:|--:|---|---|
"""

PRECEDENCE_HEADER = """
## Which of several delivered values counts

No value is made up here: the first that was delivered counts, in the order given.

| model | in this order |
|---|---|
"""

CONTRACT_HEADER = """
## Where the contract says what an empty cell means

An open end is 9999-12-31, a cancelled quantity that is not given is none, and so on; see the
[feeds](../reference/feeds.md).

| model | value, and what stands for an empty one |
|---|---|
"""

OTHERS = """
## The rest

In {absent} places nothing was there to count, so the count is zero or the flag is no; {member}
stand for unknown or not applicable and say so; {policy} take the more specific row of the policy;
{compare} compare or sort and give no value. `docs/missing_values.yml` lists every one, and a test
compares it with the models. Controls and the profit models are not in the list: those publish no
value, and these leave empty, with count and reason, what has no cost, rate or quantity.
"""


def missing_values() -> dict[str, dict[str, Any]]:
    """Return what each model does where a value may be missing, by model and kind."""
    return yaml.safe_load((DOCS_DIR / "missing_values.yml").read_text(encoding="utf-8"))


def missing_values_page() -> str:
    """The rules of imputation, and where values take precedence instead."""
    path = SEEDS_DIR / "policy" / "imputation_rule.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        rules = [
            f"| {row['metric']} | `{row['rule_id']}` | {row['condition']} | {row['method']} |"
            f" {row['confidence']} | {row['max_age_days']} | {row['log_as']} | {row['why']} |"
            for row in csv.DictReader(handle)
        ]
    counts = {
        kind: sum(len(model.get(kind, [])) for model in missing_values().values())
        for kind in ("absent", "member", "policy", "compare")
    }
    return "".join(
        [
            MISSING_HEADER,
            "\n".join(rules) + "\n",
            PRECEDENCE_HEADER,
            *_rows_of_kind("precedence"),
            CONTRACT_HEADER,
            *_rows_of_kind("contract"),
            OTHERS.format(**counts),
        ]
    )


def _rows_of_kind(kind: str) -> Iterator[str]:
    for model, kinds in missing_values().items():
        for values in kinds.get(kind, []):
            shown = values.replace("|", "\\|")
            yield f"| `{model}` | `{shown}` |\n"


def feed_list_macro() -> str:
    """A dbt macro that names every feed, by system and feed."""
    names = (f"        ('{system}', '{feed}')" for system, feed in sorted(load_contracts()))
    return FEED_LIST.format(rows=",\n".join(names))


def coverage() -> list[dict[str, Any]]:
    """Return the 72 points with their status and what proves it."""
    return yaml.safe_load((DOCS_DIR / "coverage.yml").read_text(encoding="utf-8"))


def coverage_table() -> str:
    """Return how many points work, work in part or are open, per module and in total."""
    rows = [
        f"| {module} {title} | {' | '.join(_counts(f'{module}.'))} |"
        for module, title in MODULES.items()
    ]
    total = " | ".join(f"**{count}**" for count in _counts(""))
    return "\n".join(
        [
            "| Module | Works | Partial | Open |",
            "|---|--:|--:|--:|",
            *rows,
            f"| **All** | {total} |",
        ]
    )


def _counts(prefix: str) -> list[str]:
    points = [point for point in coverage() if str(point["point"]).startswith(prefix)]
    return [str(sum(p["status"] == status for p in points)) for status in STATUSES]


def readme_page() -> str:
    """The README as it is, with the coverage table between its markers."""
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n{coverage_table()}\n{END}{rest.split(END)[1]}"


def metrics() -> list[Metric]:
    """The registry of metrics, ordered by id."""
    with (SEEDS_DIR / "policy" / "metric_definition.csv").open(newline="") as handle:
        return list(parse_metrics(csv.DictReader(handle)).values())


def metrics_page() -> str:
    lines = [
        "# Metrics",
        "",
        "One definition each, from `seeds/policy/metric_definition.csv`; policies, marts and pages",
        "name a metric by its id. `tierline policy lint` refuses a policy that names another one.",
        "`{basis}` stands for the date asked for (`req`), first confirmed (`first`) or last",
        "confirmed (`last`). Written by `make docs`.",
    ]
    for one in metrics():
        shown = ", ".join(f"`{name}`" for name in one.shown_in.split()) or "nowhere yet"
        lines += [
            "",
            f"## {one.metric_id}",
            "",
            f"{one.label}, version {one.version}. {one.formula}.",
        ]
        better = "more is better" if one.is_higher_better else "less is better"
        lines += ["", f"- Unit: {one.unit}; {better}", f"- One value per {one.grain}"]
        if one.is_computable:
            value = one.numerator_sql + (f" / {one.denominator_sql}" if one.denominator_sql else "")
            where = f" where {one.filter_sql}" if one.filter_sql else ""
            lines += [f"- From `{one.source_model}`: `{value}`{where and f', rows `{where[7:]}`'}"]
        lines += [f"- Not counted: {one.exclusions}"] if one.exclusions else []
        lines += [f"- SCOR: {one.scor_code}"] if one.scor_code else []
        lines += [f"- Shown in: {shown}", f"- Owner: {one.owner}"]
    return "\n".join(lines) + "\n"


def semantic_page() -> str:
    document = semantic_models(metrics())
    whole = {"semantic_models": document["semantic_models"], "metrics": parts_as_metrics(document)}
    head = (
        "# The registry of metrics for MetricFlow. Written by `make docs`; do not edit it here.\n"
    )
    return head + yaml.safe_dump(whole, sort_keys=False, width=100)


def services_page() -> str:
    with (SEEDS_DIR / "policy" / "service_definition.csv").open(newline="") as handle:
        definitions = list(csv.DictReader(handle))
    with (SEEDS_DIR / "policy" / "marketing_claim.csv").open(newline="") as handle:
        claims = list(csv.DictReader(handle))
    lines = [
        "# Services as customers read them",
        "",
        "From `seeds/policy/service_definition.csv` and `marketing_claim.csv`, of which",
        "`mart_claim_gap` judges the claims. Written by `make docs`.",
    ]
    for row in definitions:
        version = f"`{row['metric_id']}` version {row['metric_version']}"
        lines += ["", f"## {row['label']}", "", row["definition_text"], ""]
        lines += [f"- Counted: {row['inclusions']}", f"- Not counted: {row['exclusions']}"]
        lines += [f"- Example: {row['example']}", f"- Measured by [{version}](metrics.md)"]
        own = [one for one in claims if one["definition_id"] == row["definition_id"]]
        lines += [f"- Claimed ({one['channel']}): {one['claim_text']}" for one in own]
    return "\n".join(lines) + "\n"


PAGES: dict[Path, Callable[[], str]] = {
    DOCS_DIR / "reference" / "services.md": services_page,
    DOCS_DIR / "reference" / "metrics.md": metrics_page,
    DOCS_DIR / "reference" / "semantic_models.yml": semantic_page,
    DOCS_DIR / "reference" / "feeds.md": feeds_page,
    DOCS_DIR / "methods" / "missing-values.md": missing_values_page,
    README: readme_page,
    DBT_DIR / "macros" / "feed_list.sql": feed_list_macro,
}


def main() -> None:
    """Write every page."""
    for path, page in PAGES.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(), encoding="utf-8")
        print(path.relative_to(DOCS_DIR.parent))


if __name__ == "__main__":
    main()
