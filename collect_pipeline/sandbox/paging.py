"""What `/images` and `/models` share about pages. Knows nothing of what is on them."""

from urllib.parse import quote

from collect_pipeline.sandbox.messages import Request

PAGE_CAP = 1000
"""The highest page × limit that is answered."""
TOO_MANY_PAGES = {"error": "You've requested too many pages, please use cursors instead"}


def next_page(request: Request, following: tuple[str, str]) -> str:
    """The request's own address, by its Host header, with one parameter replaced and put last.

    The site always writes https; the sandbox speaks http, so it writes that.
    """
    pairs = [pair for pair in request.pairs if pair[0] != following[0]] + [following]
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    return f"http://{request.headers.get('host', '127.0.0.1')}{request.path}?{query}"
