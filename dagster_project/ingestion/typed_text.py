"""Canonical text of typed values: ISO dates, UTC timestamps, plain decimals, true and false."""


def text_of(value: str, data_type: str) -> str:
    """SQL that writes a value of a DuckDB type as canonical text."""
    kind = data_type.upper()
    if kind == "VARCHAR":
        return value
    if kind.startswith("TIMESTAMP"):
        moment = f"cast({value} as timestamptz) at time zone 'UTC'"
        if "TIME ZONE" not in kind:
            moment = f"cast({value} as timestamp)"
        return f"replace(cast({moment} as varchar), ' ', 'T') || 'Z'"
    if kind in {"DOUBLE", "FLOAT"}:
        return _plain_number(value)
    return f"cast({value} as varchar)"


def _plain_number(value: str) -> str:
    """No exponent and no artificial fraction: 12.0 is 12, 1e-7 is 0.0000001."""
    shortest = f"cast({value} as varchar)"
    plain = f"rtrim(rtrim(cast(try_cast({shortest} as decimal(38, 12)) as varchar), '0'), '.')"
    return (
        f"case when ends_with({shortest}, '.0') then left({shortest}, -2)"
        f" when contains({shortest}, 'e') then coalesce({plain}, {shortest})"
        f" else {shortest} end"
    )


def has_type(data_type: str, contract_type: str) -> bool:
    """Whether every value of a DuckDB type is a value of the contract's type."""
    kind = data_type.upper()
    if contract_type == "bigint":
        return kind in {"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT"}
    if contract_type == "timestamp":
        return kind.startswith("TIMESTAMP")
    return kind == contract_type.upper()
