"""Where the API lives: one base URL, checked once, and the rule that nothing of ours goes to another origin."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from collect_pipeline.civitai.errors import ConfigurationError

API_PATH = "/api/v1"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """`api` is the URL that endpoint paths are appended to, such as `https://civitai.com/api/v1`."""

    api: str
    host: str

    def has(self, url: str) -> bool:
        """Whether `url` has our scheme, host and port."""
        try:
            return _origin(urlsplit(url)) == _origin(urlsplit(self.api))
        except ValueError:
            return False


def read_origin(base_url: str) -> Origin:
    """Check a base URL such as `https://civitai.com`; a trailing slash or `/api/v1` does no harm.

    Raises:
        ConfigurationError: not an http or https address, or one with a user, a query or a fragment.
    """
    refusal = ConfigurationError("The base URL cannot be used; it must look like https://civitai.com.")
    try:
        parts = urlsplit(base_url.strip())
        scheme, host, _ = _origin(parts)
    except ValueError:
        raise refusal from None
    extra = parts.username or parts.password or parts.query or parts.fragment
    if scheme not in _DEFAULT_PORTS or not host or extra or any(c.isspace() for c in base_url.strip()):
        raise refusal
    path = parts.path.rstrip("/").removesuffix(API_PATH)
    return Origin(f"{scheme}://{parts.netloc}{path}{API_PATH}", parts.netloc)


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(scheme)
