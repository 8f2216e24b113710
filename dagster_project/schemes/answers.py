"""Answers to surveys that the analyses of a closed month may know."""

import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.schemes.closed import Closed

ANSWER_COLUMNS = (
    "response_id",
    "item_id",
    "survey_type",
    "entity_id",
    "respondent_role",
    "submitted_date",
    "score",
    "expectation",
    "importance",
    "known_at",
)


def known_answers(tables: Tables, closed: Closed) -> pa.Table:
    """Return the answers of known entities up to the end of the closed month, in one order."""
    answers = tables.read("intermediate.int_scheme__answer", ANSWER_COLUMNS)
    kept = pc.and_(
        pc.less_equal(answers["submitted_date"], pa.scalar(closed.end)),
        pc.less_equal(answers["known_at"].cast(pa.timestamp("us")), pa.scalar(closed.known_at)),
    )
    kept = pc.and_(kept, pc.is_valid(answers["entity_id"]))
    return answers.filter(kept).sort_by([("response_id", "ascending"), ("item_id", "ascending")])
