"""`python -m sandbox.serve NAME`: one department server, or the token issuer, as a process of its own."""

import argparse
import importlib
import json
import sys
from pathlib import Path

from starlette.applications import Starlette

from sandbox.city import City, build_city
from sandbox.kit import asgi
from sandbox.kit.server import serve

ISSUER = "issuer"


def main(arguments: list[str] | None = None) -> None:
    """Serves until it is told to end; prints one JSON line `{"name", "address"}` once it answers."""
    asked = _parser().parse_args(arguments)
    city = build_city(asked.seed, data=asked.data)

    def ready(address: str) -> None:
        sys.stdout.write(json.dumps({"name": asked.name, "address": address}) + "\n")
        sys.stdout.flush()

    serve(
        lambda address: build_app(asked.name, city, address),
        port=asked.port,
        ready=ready,
        with_parent=asked.with_parent,
    )


def build_app(name: str, city: City, address: str) -> Starlette:
    """The application of the issuer or of a department: its short name or a dotted module."""
    if name == ISSUER:
        app: Starlette = importlib.import_module("sandbox.issuer").build(city, address)
        return app
    module = importlib.import_module(name if "." in name else f"sandbox.departments.{name}")
    return asgi(module.build(city))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.serve", description=main.__doc__)
    parser.add_argument("name", help="a department, `issuer`, or a dotted module with `build(city)`")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="folder of public data files")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser


if __name__ == "__main__":
    main()
