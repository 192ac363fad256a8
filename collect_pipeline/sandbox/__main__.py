"""`python -m collect_pipeline.sandbox`: serve the offline CivitAI until interrupted."""

import sys
from collections.abc import Sequence

from collect_pipeline.sandbox.options import options_from
from collect_pipeline.sandbox.serve import SandboxStartError, serve


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 0 when it was stopped, 1 with a sentence on stderr when it could not start."""
    try:
        serve(options_from(argv))
    except SandboxStartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
