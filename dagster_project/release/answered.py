"""Which differences of a build people answer for: explained, or waived by finance.

The receipt, the gate page and the manifest of the release print them. Whether a difference counts
as explained is decided in ``fct_control_result``, not here.
"""

from typing import Any

from dagster_project.release.results import plain

_WAIVED = """
    select control_id, dimension, company_code, fiscal_period_id, difference, detail, waived_by,
        waiver_reason as reason, waiver_expires_date as expires_on
    from marts.fct_control_result
    where waived_by is not null
    order by control_id, dimension
"""
_EXPLAINED = """
    select control_id, dimension, company_code, fiscal_period_id, difference, explained_amount,
        explained_reasons as reasons, explained_by, explained_evidence as evidence, ticket
    from marts.fct_control_result
    where status = 'EXPLAINED'
    order by control_id, dimension
"""

Rows = list[dict[str, Any]]


def people_answer_for(connection: Any) -> tuple[Rows, Rows]:
    """Return the waived results and the explained differences of the build.

    Args:
        connection: The open work file; its control table exists.

    Returns:
        Two lists, one entry per row of the control table, by control and dimension; amounts and
        dates as text.
    """
    return _rows(connection, _WAIVED), _rows(connection, _EXPLAINED)


def _rows(connection: Any, query: str) -> Rows:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [
        {name: plain(value) for name, value in zip(names, row, strict=True)}
        for row in found.fetchall()
    ]
