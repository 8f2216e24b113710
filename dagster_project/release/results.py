"""What a gate says: one result per expectation, one report per build.

These are plain values; the receipt, the gate page, the asset checks and the command line all
show them. Running the expectations belongs in ``gates``.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["PASS", "WARN", "WAIVED", "FAIL", "NO_DATA"]
"""WAIVED: a control is red, and finance answers for publishing it all the same."""
SAMPLE_ROWS = 20


@dataclass(frozen=True)
class GateResult:
    """The verdict of one expectation."""

    suite: str
    name: str
    severity: str
    status: Status
    why: str
    control_id: str | None = None
    observed: str = ""
    sample: list[dict[str, Any]] = field(default_factory=list)
    table: str = ""

    @property
    def blocks(self) -> bool:
        """True if this result holds the release back."""
        return self.status == "FAIL"


@dataclass(frozen=True)
class GateReport:
    """The verdict on one build."""

    build_id: str
    as_of: str
    results: list[GateResult]
    waivers: list[dict[str, Any]] = field(default_factory=list)
    """Red results of controls that finance waived: what, by whom, why, until when."""
    explanations: list[dict[str, Any]] = field(default_factory=list)
    """Differences that people explained: what, how much, by whom, with which evidence."""

    @property
    def passed(self) -> bool:
        """True if something was judged and nothing blocks."""
        return bool(self.results) and not any(result.blocks for result in self.results)

    @property
    def failed(self) -> list[GateResult]:
        return [result for result in self.results if result.blocks]

    @property
    def red_controls(self) -> list[str]:
        """Controls with a blocking result, sorted."""
        return sorted({r.control_id for r in self.failed if r.control_id})

    def count(self, status: Status) -> int:
        return sum(result.status == status for result in self.results)

    def as_dict(self) -> dict[str, Any]:
        return {
            "build_id": self.build_id,
            "as_of": self.as_of,
            "passed": self.passed,
            "waivers": self.waivers,
            "explanations": self.explanations,
            "results": [asdict(result) for result in self.results],
        }


def report_from_dict(data: dict[str, Any]) -> GateReport:
    """Read a report back from a receipt."""
    results = [GateResult(**result) for result in data["results"]]
    return GateReport(
        data["build_id"],
        data["as_of"],
        results,
        data.get("waivers", []),
        data.get("explanations", []),
    )


def verdict(success: bool, severity: str) -> Status:
    """Turn success and severity into a status; an unknown severity blocks."""
    if success:
        return "PASS"
    return "WARN" if severity == "MEDIUM" else "FAIL"


def plain(value: Any) -> Any:
    """Make a value of a table fit for JSON without losing digits."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
