"""What can be wrong with a question. Every message is one sentence for a person."""


class QueryError(Exception):
    """Nothing can be searched for with this."""
