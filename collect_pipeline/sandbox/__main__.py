"""`python -m collect_pipeline.sandbox`: serve the offline CivitAI until interrupted."""

import threading

from collect_pipeline.sandbox.options import SandboxOptions, options_from
from collect_pipeline.sandbox.sandbox import Sandbox


def serve(options: SandboxOptions) -> None:
    """Serve until interrupted, after saying where and what."""
    with Sandbox(options) as sandbox:
        print(f"CIVITAI_BASE_URL={sandbox.url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    serve(options_from())
