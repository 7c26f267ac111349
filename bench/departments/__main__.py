"""`python -m bench.departments ROWS`: serves all canned departments until standard input ends.

Prints one line of JSON: the address of each department, and of `issuer`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys

import uvloop

from bench.departments.civil_affairs import CivilAffairs
from bench.departments.hotline import Hotline
from bench.departments.issuer import Issuer
from bench.departments.market_regulation import MarketRegulation
from bench.departments.plain import Plain
from bench.departments.server import Department, serve
from bench.departments.service_centre import ServiceCentre
from bench.departments.taxation import Taxation


async def main(rows: int) -> None:
    """Serve departments whose lists have `rows` entries."""
    issuer = Issuer()
    departments: dict[str, Department] = {
        "civil_affairs": CivilAffairs(rows),
        "hotline": Hotline(rows),
        "market_regulation": MarketRegulation(rows),
        "service_centre": ServiceCentre(rows),
        "taxation": Taxation(rows),
        "plain": Plain(rows),
        "issuer": issuer,
    }
    served = {name: await serve(department) for name, department in departments.items()}
    addresses = {name: address for name, (_, address) in served.items()}
    issuer.address = addresses["issuer"]
    print(json.dumps(addresses), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the end of standard input ends it
    uvloop.run(main(int(sys.argv[1])))
