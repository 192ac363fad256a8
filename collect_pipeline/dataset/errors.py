"""What keeps a dataset from being written. Every message is one sentence for a person."""


class ExportError(Exception):
    """No dataset was written; an earlier one is as it was."""
