"""Serving the sandbox from a command: what is said at the start, and how it ends."""

import signal
import threading
from contextlib import suppress
from types import FrameType

from collect_pipeline.sandbox.faults import FaultSpecError
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.recorded import SandboxFileError
from collect_pipeline.sandbox.sandbox import Sandbox


class SandboxStartError(Exception):
    """The sandbox cannot start; the message is one sentence for a person."""


def serve(options: SandboxOptions) -> None:
    """Serve until SIGINT or SIGTERM; must run in the main thread. Raises SandboxStartError."""
    try:
        sandbox = Sandbox(options)
    except (SandboxFileError, FaultSpecError) as error:
        raise SandboxStartError(str(error)) from None
    ended = threading.Event()

    def end(signal_number: int, frame: FrameType | None) -> None:
        del signal_number, frame
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with sandbox, suppress(BrokenPipeError):  # whoever read the welcome may have gone
            print(_welcome(sandbox), flush=True)
            ended.wait()
            print("The sandbox has stopped.", flush=True)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SandboxStartError(
            f"The sandbox cannot listen on port {options.port}: {reason}. Choose another with --port."
        ) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(sandbox: Sandbox) -> str:
    state = sandbox.state()
    lines = [
        f"An offline CivitAI is ready at {sandbox.url}. To collect from it, set",
        f"  CIVITAI_BASE_URL={sandbox.url}",
        "",
        "It has these models (images at browsing level 1, and at all levels):",
    ]
    for model in state["models"]:
        lines.append(f"  {model['id']:>8}  {model['name']} ({model['type']})")
        for version in model["versions"]:
            at_all_levels = sum(len(image_ids) for image_ids in version["visible"].values())
            lines.append(
                f"            version {version['id']:>8}  {version['name']}, {version['base_model']}:"
                f" {len(version['visible']['1']):,} and {at_all_levels:,}"
            )
    first = state["models"][0]["versions"][0]["id"]
    lines += [
        "",
        "To publish new images while it runs:",
        f'  curl -X POST {sandbox.url}/_sandbox/publish -d \'{{"version_id": {first}, "count": 20}}\'',
        f"What it holds and was asked: {sandbox.url}/_sandbox/state",
    ]
    if state["faults"]:
        lines.append(f"Faults: {state['faults']}")
    lines.append("Stop it with Ctrl-C.")
    return "\n".join(lines)
