"""What can go wrong with a report. Messages are one sentence for a person."""


class ReportError(Exception):
    """A report cannot be made or written."""


class UnknownVersionError(ReportError):
    """The version that the report was asked for was never followed, and no image was found under it."""


class UnwritableReportError(ReportError):
    """The file cannot be written where it should be."""
