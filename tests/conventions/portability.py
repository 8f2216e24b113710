"""What the models say that Spark, Snowflake or BigQuery would not understand.

Every model is compiled for DuckDB and its words are looked up per dialect; ``docs/reference/
portability.md`` is written from what is found: ``python tests/conventions/portability.py``.
A word that a dialect spells and means alike is added to ``NATIVE``; any other gets a macro.
"""

import re
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import sqlglot
from project_files import manifest, models
from sqlglot.errors import ErrorLevel, ParseError, UnsupportedError
from sqlglot.tokens import Token, TokenType

from dagster_project.settings import DBT_DIR, PROJECT_ROOT, Settings
from dagster_project.warehouse.dbt import release_connections
from dagster_project.warehouse.manifest import dbt_environment, load_manifest

PAGE = PROJECT_ROOT / "docs" / "reference" / "portability.md"
CASTS = "every cast to it"

# Functions and types with one spelling and one meaning on DuckDB and all three dialects.
# fmt: off
PLAIN = {
    "abs", "avg", "cast", "ceil", "coalesce", "count", "dense_rank", "exp", "extract",
    "first_value", "floor", "lag", "last_value", "lead", "length", "ln", "lower", "max",
    "max_by", "min", "min_by", "nullif", "rank", "replace", "round", "row_number", "sign",
    "sqrt", "substring", "sum", "translate", "trim", "upper", "bigint", "boolean", "date",
    "decimal", "int", "integer", "string",
}
# fmt: on
# On Snowflake and BigQuery greatest, least and concat are null if one argument is; Spark's concat
# too, and there the comparison of all rows with DuckDB's decides. BigQuery's timestamp has a zone.
NATIVE = {
    "spark": PLAIN
    | {"concat", "date_trunc", "double", "filter", "greatest", "least", "timestamp", "weekofyear"},
    "snowflake": PLAIN | {"date_trunc", "double", "timestamp", "weekofyear"},
    "bigquery": PLAIN,
}
NAMES = {"spark": "Spark", "snowflake": "Snowflake", "bigquery": "BigQuery"}
# Words that stand before a parenthesis and are no functions; `materialized` only DuckDB is told.
# fmt: off
GRAMMAR = {
    "all", "and", "as", "between", "by", "case", "distinct", "else", "except", "exists", "from",
    "having", "in", "intersect", "is", "join", "materialized", "not",
    "on", "or", "over", "select", "then", "union", "using", "values", "when", "where", "with",
}
# fmt: on
# Words of DuckDB for which every dialect has another construct, as token sequences.
AVOIDED = [
    ("ASOF",),
    ("EXCLUDE",),
    ("BY", "NAME"),
    ("DISTINCT", "ON"),
    ("COLUMNS", "("),
    ("[",),
    ("{",),
    ("->",),
    ("->>",),
    ("//",),
]
HEADER = """# Portability

What the models say that another engine would not understand or would understand otherwise, and
for which `dbt/macros/portable.sql` has no macro yet. Every compiled model is parsed by sqlglot for
each dialect and each function and type in it is looked up. Written by `make docs`; do not edit it
here.

A word in a model is cured by a macro in `dbt/macros/portable.sql`; a word in a macro by a version
of that macro named after the dialect, such as `snowflake__add_days`. Updating the touched keys of
heavy tables is done on DuckDB only and is not part of this list; elsewhere tables are made anew.
"""


class Finding(NamedTuple):
    """A word that a dialect lacks, and the macro or model file that says it."""

    dialect: str
    word: str
    place: str

    def __str__(self) -> str:
        return (
            f"{self.place}: {NAMES[self.dialect]} lacks `{self.word}`;"
            " write a macro in dbt/macros/portable.sql"
        )


@cache
def compiled() -> dict[str, str]:
    """Compile every model as in a full build, over an empty warehouse; return SQL by name."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        settings.work_dir.mkdir(parents=True)
        arguments = ["--log-level", "none", "compile", "--full-refresh", "--threads", "1"]
        arguments += ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)]
        arguments += ["--target-path", f"{folder}/target", "--log-path", f"{folder}/logs"]
        arguments += ["--select", "resource_type:model", "--indirect-selection", "empty"]
        parsed = load_manifest(settings)
        with dbt_environment(settings):
            outcome = dbtRunner(manifest=parsed).invoke(arguments)
        release_connections()
    assert outcome.success, outcome.exception or outcome.result
    # Names are quoted by the adapter, each in its own way.
    return {r.node.name: r.node.compiled_code.replace('"', "") for r in outcome.result.results}


def words(sql: str) -> set[str]:
    """Return the functions of a query, and the types that it casts to, in lower case."""
    found: set[str] = set()
    inside: list[str] = []
    tokens = [*sqlglot.tokenize(sql, read="duckdb"), Token(TokenType.SEMICOLON, ";")]
    for before, token, after in zip([tokens[-1], *tokens], tokens, tokens[1:], strict=False):
        word = token.text.lower()
        is_cast = bool(inside) and inside[-1] in {"cast", "try_cast"}
        is_type = is_cast and before.text.lower() == "as"
        if is_type or (after.token_type == TokenType.L_PAREN and _is_function(token)):
            found.add(word)
        if token.token_type == TokenType.L_PAREN:
            inside.append(before.text.lower())
        elif token.token_type == TokenType.R_PAREN:
            inside.pop()
    return found


def _is_function(token: Token) -> bool:
    is_name = token.token_type not in {TokenType.STRING, TokenType.NUMBER}
    return is_name and token.text.isidentifier() and token.text.lower() not in GRAMMAR


def avoided(sql: str) -> list[str]:
    """Return the constructs in a query that only DuckDB has."""
    tokens = sqlglot.tokenize(sql, read="duckdb")
    texts = ["'" if t.token_type == TokenType.STRING else t.text.upper() for t in tokens]
    return [
        " ".join(sequence)
        for sequence in AVOIDED
        if any(tuple(texts[i : i + len(sequence)]) == sequence for i in range(len(texts)))
    ]


def construct_error(sql: str, dialect: str) -> str | None:
    """Return what sqlglot says about a query that a dialect cannot parse or express."""
    try:
        sqlglot.parse_one(sql, read=dialect)
        tree = sqlglot.parse_one(sql, read="duckdb")
        tree.sql(dialect, unsupported_level=ErrorLevel.RAISE, max_unsupported=20)
    except ParseError as error:
        return error.errors[0]["description"].rstrip(".")
    except UnsupportedError as error:
        # Where nulls are sorted is compared row by row; the models order by keys.
        lines = [line for line in str(error).splitlines() if line and "NULLS" not in line]
        return lines[0] if lines else None
    return None


def findings_of(sql: str, source: str, path: str) -> set[Finding]:
    """Return what the dialects lack for one query.

    Args:
        sql: The compiled query.
        source: The model as it is written; what is not in it came from a macro.
        path: The model's file.
    """
    found = set()
    for dialect, native in NATIVE.items():
        for word in words(sql) - native:
            found |= {Finding(dialect, word, place) for place in _places(word, source, path)}
        if error := construct_error(sql, dialect):
            found.add(Finding(dialect, error, path))
    return {f for f in found if not _has_version(f.dialect, f.place)}


def _places(word: str, source: str, path: str) -> set[str]:
    """Return who says a word: the model, macros, or (a type) every cast to it."""
    if word in {"timestamp", "double"}:
        return {CASTS}
    call = re.compile(rf"(?<![\w.]){re.escape(word)}\s*\(|\bas\s+{re.escape(word)}\b", re.I)
    places = {f"macro {name}" for name, text in _macros().items() if call.search(text)}
    if call.search(_without_comments(source)):
        places.add(path)
    # What is in neither comes from dbt's own macros, which know every adapter.
    return places or (set() if "dbt." in source else {path})


@cache
def _macros() -> dict[str, str]:
    """Return the project's own macros by name as DuckDB sees them."""
    texts: dict[str, str] = {}
    for macro in manifest()["macros"].values():
        prefix = macro["name"].split("__")[0]
        if macro["package_name"] == "tierline" and prefix not in NAMES:
            name = macro["name"].removeprefix("default__")
            texts[name] = texts.get(name, "") + _without_comments(macro["macro_sql"])
    return texts


def _has_version(dialect: str, place: str) -> bool:
    name = place.removeprefix("macro ")
    return f"macro.tierline.{dialect}__{name}" in manifest()["macros"]


def _without_comments(text: str) -> str:
    return re.sub(r"--[^\n]*", " ", re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL))


@cache
def findings() -> frozenset[Finding]:
    """Return what the dialects lack for all models."""
    found: set[Finding] = set()
    for name, sql in compiled().items():
        node = models()[name]
        found |= findings_of(sql, node["raw_code"], f"dbt/{node['original_file_path']}")
    return frozenset(found)


def page() -> str:
    """Return the list of findings as a page."""
    lines = [HEADER]
    for dialect, name in NAMES.items():
        of_dialect = sorted(f for f in findings() if f.dialect == dialect)
        lines += [f"## {name}", ""]
        if of_dialect:
            lines += ["| what it lacks | where |", "|---|---|"]
            lines += [f"| `{finding.word}` | {finding.place} |" for finding in of_dialect]
        else:
            lines += ["Nothing."]
        lines += [""]
    return "\n".join(lines[:-1]) + "\n"


def documented() -> frozenset[Finding]:
    """Return the findings that the page lists."""
    dialects = {name: dialect for dialect, name in NAMES.items()}
    found, dialect = set(), ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            dialect = dialects[line.removeprefix("## ")]
        elif row := re.fullmatch(r"\| `(.+)` \| (.+) \|", line):
            found.add(Finding(dialect, row[1], row[2]))
    return frozenset(found)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(PROJECT_ROOT))
