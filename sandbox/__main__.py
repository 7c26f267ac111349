"""`python -m sandbox`: runs the whole city until Ctrl-C or SIGTERM."""

import argparse
import json
import signal
import sys
import threading

from sandbox.kit.parent import end_with_parent
from sandbox.launch import LaunchError, SandboxCity
from sandbox.options import add_city_options, port


def main(arguments: list[str] | None = None) -> int:
    """Starts every department server and the issuer, prints their addresses, and waits to be told to end."""
    asked = _parser().parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    if asked.with_parent:
        end_with_parent()
    try:
        with SandboxCity(seed=asked.seed, data=asked.data, base_port=asked.base_port) as city:
            sys.stdout.write(_listing(city.addresses, as_json=asked.json))
            sys.stdout.flush()
            ended.wait()
    except LaunchError as exc:
        sys.stderr.write(f"sandbox: {exc}\n")
        return 1
    return 0


def _listing(addresses: dict[str, str], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(addresses, sort_keys=True) + "\n"
    width = max(map(len, addresses))
    return "".join(f"{name:{width}}  {address}\n" for name, address in sorted(addresses.items()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=main.__doc__)
    add_city_options(parser)
    parser.add_argument("--base-port", type=port, help="first of a row of ports; default: free ones")
    parser.add_argument("--json", action="store_true", help="print the addresses as one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
