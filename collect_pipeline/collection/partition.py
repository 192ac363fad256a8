"""The partition key of a followed version: `<model id>@<version id>`, the tail of CivitAI's AIR."""

import re
from dataclasses import dataclass

_KEY = re.compile(r"([1-9]\d{0,9})@([1-9]\d{0,9})")
_MAX_ID = 2**31 - 1


class PartitionKeyError(ValueError):
    """Text that is no partition key; the message is one sentence for a person."""


@dataclass(frozen=True)
class VersionKey:
    """One version of one model."""

    model_id: int
    version_id: int

    def __str__(self) -> str:
        return f"{self.model_id}@{self.version_id}"

    @staticmethod
    def parse(text: str) -> "VersionKey":
        """Read a key such as `82543@2043971`.

        Raises:
            PartitionKeyError: the text has another form, or an id that cannot exist.
        """
        match = _KEY.fullmatch(text)
        if match is None or max(int(match[1]), int(match[2])) > _MAX_ID:
            raise PartitionKeyError(
                f"'{text}' is no partition key; it must look like 82543@2043971: "
                "the model id, @, the version id, both from 1 to 2147483647."
            )
        return VersionKey(int(match[1]), int(match[2]))
