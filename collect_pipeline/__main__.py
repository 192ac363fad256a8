"""`python -m collect_pipeline`, the same as the command `collect-pipeline`."""

import sys

from collect_pipeline.cli import main

if __name__ == "__main__":
    sys.exit(main())
