"""What came over, what was odd and what was left, for each old table. Counts, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class TableReport:
    """The rows of one old table.

    Every row is counted once: it came over, was there already, or was left. A row that is odd is so beside that.
    `left_because` and `odd_because` count rows by reason; a row may be odd for several.
    """

    table: str
    in_file: bool
    rows: int = 0
    came_over: int = 0
    already_there: int = 0
    left: int = 0
    odd: int = 0
    left_because: dict[str, int] = field(default_factory=dict)
    odd_because: dict[str, int] = field(default_factory=dict)

    def leave(self, reason: str, rows: int = 1) -> None:
        """Count a row, or several, that cannot be taken over."""
        if rows:
            self.left += rows
            self.left_because[reason] = self.left_because.get(reason, 0) + rows

    def remark(self, reasons: Iterable[str]) -> None:
        """Count a row that is taken over, with what is odd about it."""
        found = list(reasons)
        self.odd += bool(found)
        for reason in found:
            self.odd_because[reason] = self.odd_because.get(reason, 0) + 1

    def took(self, handed_over: int, stored: int) -> None:
        """Count rows that were handed to the warehouse, and those of them that it did not have."""
        self.came_over += stored
        self.already_there += handed_over - stored

    def reasons(self) -> list[tuple[str, str, int]]:
        """(`left` or `odd`, why, how many rows), the commonest first."""
        return [
            (what, reason, count)
            for what, because in (("left", self.left_because), ("odd", self.odd_because))
            for reason, count in sorted(because.items(), key=lambda item: -item[1])
        ]


@dataclass(frozen=True)
class Report:
    """One import. `followed` are the partition keys of the versions that are followed from now on, `versions_named`
    counts the other versions that its prompts name."""

    file: str
    tables: tuple[TableReport, ...]
    followed: tuple[str, ...]
    versions_named: int
    prompts_new: int
    prompts_categorized: int
