"""The command `collect-pipeline`: what can be typed, and which exit code an error becomes.

Every command is a module with `add_arguments` and `execute`; none of them holds logic of the pipeline.
"""

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence

from collect_pipeline.civitai.errors import AmbiguousTargetError, InvalidTargetError, SourceError
from collect_pipeline.cli.exit_codes import FAILED, INTERRUPTED, SOURCE, USAGE, WAREHOUSE, CommandError
from collect_pipeline.settings import SettingsError
from collect_pipeline.warehouse.errors import WarehouseCopyError, WarehouseError

COMMANDS = {
    "follow": "follow a model: its versions become partitions to collect",
    "unfollow": "stop collecting versions; nothing is deleted",
    "run": "collect now, as a Dagster run, with a progress bar",
    "status": "every followed version: how far, what is due, what is wrong",
    "explain": "why a prompt is in its categories",
    "report": "what was collected, as charts and tables on one HTML page",
    "search": "find prompts by words, categories, LoRAs and more",
    "export": "write the dataset: Parquet, CSV or JSON Lines, with a card",
    "snapshot": "copy the warehouse to a file that may stay open",
    "verify": "compare what is stored with what the source shows now",
    "import-legacy": "take over what the tool before this one collected",
    "migrate": "bring the warehouse to the current schema",
    "sandbox": "an offline CivitAI to try things out with",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; errors are one sentence on stderr."""
    # Whoever ends a command does it politely or with Ctrl-C, which is the same to us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        given = sys.argv[1:] if argv is None else list(argv)
        arguments = _parser(given).parse_args(given)
        return int(_module(arguments.command).execute(arguments))
    except KeyboardInterrupt:
        return _fail("Interrupted; what was collected is stored, and the next run goes on from there.", INTERRUPTED)
    except BrokenPipeError:
        return FAILED
    except CommandError as error:
        return _fail(str(error), error.exit_code)
    except (SettingsError, InvalidTargetError) as error:
        return _fail(str(error), USAGE)
    except AmbiguousTargetError as error:
        return _fail(str(error), FAILED)
    except SourceError as error:
        return _fail(str(error), SOURCE)
    except WarehouseCopyError as error:
        return _fail(str(error), FAILED)
    except WarehouseError as error:
        return _fail(str(error), WAREHOUSE)


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """What may be typed. Only the command that is asked for is loaded; Dagster takes a second."""
    parser = argparse.ArgumentParser(
        prog="collect-pipeline", description="Collects the prompts of CivitAI images, for the models you follow."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        if name in given:
            module = _module(name)
            command.description = module.__doc__
            command.formatter_class = argparse.RawDescriptionHelpFormatter
            module.add_arguments(command)
    return parser


def _module(name: str):  # type: ignore[no-untyped-def]  # modules have no common type that says what is in them
    return importlib.import_module(f"collect_pipeline.cli.{name.replace('-', '_')}")


def _fail(sentence: str, code: int) -> int:
    print(f"collect-pipeline: {sentence}", file=sys.stderr)
    return code
