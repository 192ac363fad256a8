"""An offline CivitAI with the real one's quirks, for trying out and testing a collector without the network.

Stands by itself: standard library only, and nothing else of this project.
"""

from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline.sandbox.serve import SandboxStartError, serve

__all__ = ["Sandbox", "SandboxOptions", "SandboxStartError", "serve"]
