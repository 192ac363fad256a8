"""What a command's exit code says."""

DONE = 0
FAILED = 1
USAGE = 2
SOURCE = 3
WAREHOUSE = 4
INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot go on; the message is one sentence for a person."""

    def __init__(self, sentence: str, exit_code: int = FAILED) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class VersionFailedError(CommandError):
    """One version cannot be collected, for a reason of its own; others still can."""
