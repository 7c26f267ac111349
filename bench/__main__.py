"""`python -m bench`: one command for each bar, one for the gateway alone, and what goes with them."""

from __future__ import annotations

import signal
from types import FrameType

from bench.commands import main


def _leave(_number: int, _frame: FrameType | None) -> None:
    """A SIGTERM ends the children, too."""
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
