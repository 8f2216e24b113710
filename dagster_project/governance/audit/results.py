"""What a check of the record found."""

from dataclasses import dataclass

PASS, FAIL, NO_DATA = "PASS", "FAIL", "NO_DATA"

NAMES = {
    "A1": "the chain of decisions holds and reaches the heads that releases kept",
    "A2": "every change of a segment has its event, and every event its change",
    "A3": "nothing without an approved request or a known rule",
    "A4": "nobody approved an own request",
    "A5": "nothing is dated back into a closed period",
    "A6": "the clock never runs backwards",
    "A7": "nothing was removed: decisions are kept from the first on, longer than seven years",
    "A8": "what other systems hold is what they were sent",
}


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    Attributes:
        check_id: A1 to A8.
        status: PASS, FAIL, or NO_DATA where the facts for it are not there; never green.
        seq: Sequence number of the first decision at fault; null where none is.
        event: Event at fault as scheme|entity|number; null where none is.
        detail: What was looked at or found, in words.
    """

    check_id: str
    status: str
    seq: int | None
    event: str | None
    detail: str

    @property
    def name(self) -> str:
        return NAMES[self.check_id]


def passed(check_id: str, detail: str) -> CheckResult:
    return CheckResult(check_id, PASS, None, None, detail)


def no_data(check_id: str, detail: str) -> CheckResult:
    return CheckResult(check_id, NO_DATA, None, None, detail)


def failed(
    check_id: str, detail: str, seq: int | None = None, event: str | None = None
) -> CheckResult:
    return CheckResult(check_id, FAIL, seq, event, detail)
