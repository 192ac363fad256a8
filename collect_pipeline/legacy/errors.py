"""What can be wrong with the old file."""


class LegacyFileError(Exception):
    """The file cannot be taken over; the message is one sentence for a person."""
