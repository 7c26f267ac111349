"""Command-line options that the whole city and a single server have in common."""

import argparse
from pathlib import Path


def add_city_options(parser: argparse.ArgumentParser) -> None:
    """Adds `--seed`, `--data` and `--with-parent`."""
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same city")
    parser.add_argument("--data", type=_folder, metavar="DIR", help="public data files to seed from")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")


def port(text: str) -> int:
    """A port number; 0 means a free one. Raises: ArgumentTypeError."""
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 65535")
    return number


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return path.resolve()
