"""An offline CivitAI on 127.0.0.1: point CIVITAI_BASE_URL at it and try everything out."""

import argparse

from collect_pipeline.cli.exit_codes import DONE, CommandError
from collect_pipeline.sandbox import SandboxStartError, options, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sandbox's own options."""
    parser.epilog = options.fault_help()
    options.add_arguments(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    try:
        serve(options.options_of(arguments))
    except SandboxStartError as error:
        raise CommandError(str(error)) from None
    return DONE
