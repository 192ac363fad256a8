"""An offline CivitAI on 127.0.0.1: point CIVITAI_BASE_URL at it and try everything out."""

import argparse

from collect_pipeline.cli.exit_codes import DONE
from collect_pipeline.sandbox import __main__ as server
from collect_pipeline.sandbox import options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sandbox's own options."""
    options.add_arguments(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    server.serve(options.options_of(arguments))
    return DONE
