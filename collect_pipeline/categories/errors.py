"""What can be wrong with the taxonomy's files."""


class TaxonomyError(ValueError):
    """A line of the taxonomy cannot be used; the message names file and line, and says what to do."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}, line {line}: {problem}")
        self.file = file
        self.line = line
