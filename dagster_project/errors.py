"""What can go wrong, in words a person can act on.

Every error says what happened, why, and what to do next. The command line prints exactly
that and exits with the code of the class; nothing else in the project chooses exit codes.
"""

EXIT_OK = 0
EXIT_RED = 1
EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3
EXIT_LOCKED = 4


class TierlineError(Exception):
    """An error with a cause and a cure.

    Args:
        what: What happened, one sentence.
        why: Why it happened, with the value that was found.
        fix: The next command or edit.
    """

    exit_code = EXIT_ENVIRONMENT

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__(" ".join(part for part in (what, why, fix) if part))


class UsageError(TierlineError):
    """The call itself is wrong: unknown name, missing folder, contradictory options."""

    exit_code = EXIT_USAGE


class RedError(TierlineError):
    """A gate or check is red; nothing was published."""

    exit_code = EXIT_RED


class LockedError(TierlineError):
    """Another process holds the work file or the home."""

    exit_code = EXIT_LOCKED
