"""What commands say while they work, and how patient they are with a person waiting."""

import sys

from collect_pipeline.civitai.client import RetryPolicy

QUICK = RetryPolicy(attempts=3, patience=10.0, challenge_wait=0.0)
"""For the questions asked before a run: somebody waits for the answer."""


def say(sentence: str) -> None:
    """Print a sentence about the progress of a command; results go to stdout, this does not."""
    print(sentence, file=sys.stderr, flush=True)
