"""The sandbox as one thing: a site and the thread that serves it on 127.0.0.1."""

from types import TracebackType
from typing import Self

from collect_pipeline.sandbox.control import CONTROL_PATH, control_reply
from collect_pipeline.sandbox.messages import Reply, Request
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.server import SandboxServer
from collect_pipeline.sandbox.site import Site


class Sandbox(Site):
    """An offline CivitAI that serves while its `with` block lasts.

    Raises SandboxFileError or FaultSpecError for options that do not work, and on entering OSError when the
    port is taken.
    """

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        super().__init__(self.options)
        self._server: SandboxServer | None = None

    def __enter__(self) -> Self:
        self._server = SandboxServer(self.options.port, self._reply, self.options.latency)
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    @property
    def url(self) -> str:
        """Where it serves, such as http://127.0.0.1:3111."""
        if self._server is None:
            raise RuntimeError("The sandbox serves only inside its with block.")
        return self._server.url

    def _reply(self, request: Request) -> Reply:
        if request.path.startswith(CONTROL_PATH):
            return control_reply(self, request)
        return self.answer(request)
