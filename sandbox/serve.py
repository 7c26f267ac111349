"""`python -m sandbox.serve NAME`: one department server, or the token issuer, as a process of its own."""

import argparse
import importlib
import json
import sys

from starlette.applications import Starlette

from sandbox.city import City, build_city
from sandbox.kit import asgi
from sandbox.kit.parent import end_with_parent
from sandbox.kit.server import serve
from sandbox.options import add_city_options, port
from sandbox.real import DataError

ISSUER = "issuer"


def main(arguments: list[str] | None = None) -> None:
    """Serves until it is told to end; prints one JSON line `{"name", "address"}` once it answers."""
    asked = _parser().parse_args(arguments)
    if asked.with_parent:
        end_with_parent()

    def ready(address: str) -> None:
        sys.stdout.write(json.dumps({"name": asked.name, "address": address}) + "\n")
        sys.stdout.flush()

    try:
        city = build_city(asked.seed, data=asked.data)
        serve(lambda address: build_app(asked.name, city, address), port=asked.port, ready=ready)
    except (DataError, OSError) as exc:
        sys.exit(f"{asked.name}: {exc}")


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
    parser.add_argument("--port", type=port, default=0, help="default: a free one")
    add_city_options(parser)
    return parser


if __name__ == "__main__":
    main()
