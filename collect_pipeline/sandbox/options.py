"""What a sandbox can be told when it starts, and the same as options of a command.

Knows nothing of how any of it is done.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from collect_pipeline.sandbox.clock import real_time
from collect_pipeline.sandbox.faults import FAULTS, FaultSpecError, read_faults

DEFAULT_PORT = 3111
SEARCH_ROUTES = ("feed", "index", "index-post", "bitdex", "legacy")
"""Names for `route`: which part of the site answers searches. `legacy` forces the SQL route on every request."""


@dataclass(frozen=True)
class SandboxOptions:
    """How a sandbox starts.

    seed: the same seed gives the same models, images, prompts and faults.
    port: 0 takes a free one.
    faults: see `faults.FAULTS`, written `name[:rate][@number]`, separated by commas.
    latency: seconds before each reply.
    images: how many images the first version of the first model has.
    prompts: JSON Lines file whose prompts the first version's images carry.
    replay: recorded pages, served as one more model.
    clock: where the time comes from; built-in images were all published before 2026.
    """

    seed: int = 0
    port: int = 0
    route: str = "feed"
    faults: str = ""
    latency: float = 0.0
    images: int = 300
    prompts: Path | None = None
    replay: tuple[Path, ...] = ()
    clock: Callable[[], datetime] = real_time


def fault_help() -> str:
    """The faults and how to write them, as the end of a help text."""
    width = max(len(name) for name in FAULTS)
    listed = "\n".join(f"  {name:<{width}}  {does}" for name, does in FAULTS.items())
    return (
        "faults, written name, name:rate, name@number or name@first-last, separated by commas, such as\n"
        f"edge-429:0.1,truncated:0.05,repeat-page@3:\n{listed}"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give `parser` the options of the sandbox."""
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, metavar="P", help="default %(default)s")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="same seed, same content and faults")
    parser.add_argument("--route", choices=SEARCH_ROUTES, default="feed", help="default %(default)s")
    parser.add_argument(
        "--faults", type=_fault_spec, default="", metavar="SPEC", help="name[:rate][@number],…; names below"
    )
    parser.add_argument("--latency", type=_not_negative, default=0.0, metavar="SECONDS", help="before each reply")
    parser.add_argument("--images", type=_whole, default=300, metavar="N", help="size of the first gallery")
    parser.add_argument("--prompts", type=Path, metavar="FILE", help="JSON Lines with prompt, negative_prompt")
    parser.add_argument("--replay", type=Path, nargs="+", default=(), metavar="FILE", help="recorded pages")


def options_of(arguments: argparse.Namespace) -> SandboxOptions:
    """The options that parsed arguments stand for."""
    return SandboxOptions(
        seed=arguments.seed,
        port=arguments.port,
        route=arguments.route,
        faults=arguments.faults,
        latency=arguments.latency,
        images=arguments.images,
        prompts=arguments.prompts,
        replay=tuple(arguments.replay),
    )


def options_from(argv: Sequence[str] | None = None) -> SandboxOptions:
    """Read the options of `python -m collect_pipeline.sandbox`; leaves with code 2 on wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m collect_pipeline.sandbox",
        description="An offline CivitAI on 127.0.0.1, for trying out and testing the collector.",
        epilog=fault_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    return options_of(parser.parse_args(argv))


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _whole(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def _not_negative(text: str) -> float:
    number = float(text)
    if not 0 <= number < 3600:
        raise argparse.ArgumentTypeError("must be a number of seconds from 0 to 3600")
    return number


def _fault_spec(text: str) -> str:
    try:
        read_faults(text)
    except FaultSpecError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
