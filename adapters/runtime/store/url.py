"""Read a store's URL strictly: every part is checked, and a refusal never shows the credentials."""

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from adapters.runtime.store.contract import BadStoreUrl

_SIZE = re.compile(r"([0-9]{1,15})(B|KiB|MiB|GiB)")
_SIZE_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s)")


class StoreUrl:
    """The parts of one URL and its options, each asked for by name and type; `finish` refuses the rest."""

    def __init__(self, url: str) -> None:
        try:
            one, self.hosts = _one_host(url)
            self.parts: SplitResult = urlsplit(one)
            pairs = parse_qsl(self.parts.query, keep_blank_values=True, strict_parsing=bool(self.parts.query))
        except ValueError:
            # The parser's own message quotes the input, and with it perhaps a password.
            raise BadStoreUrl("the store URL cannot be parsed: it must be scheme://place?option=value") from None
        if "@" in self.parts.path + self.parts.query + self.parts.fragment:
            # Half of a password may stand where the host is looked for, so nothing is shown.
            raise BadStoreUrl("the store URL has an @ after its host: write special characters as %40, %2F, %3F, %23")
        self.scheme = self.parts.scheme
        self.shown = f"{self.scheme}://{self.hosts}{self.parts.path}"
        self._options = dict(pairs)
        self._asked: list[str] = []
        if len(self._options) < len(pairs):
            raise self.refusal("an option is given twice")
        if self.parts.fragment:
            raise self.refusal("it has a fragment (#…); write # as %23")

    def refusal(self, what: str) -> BadStoreUrl:
        """Return the error that says what is wrong with this URL."""
        return BadStoreUrl(f"store URL {self.shown}: {what}")

    def text(self, name: str) -> str | None:
        """Return the option as it stands, or `None`."""
        self._asked.append(name)
        return self._options.get(name)

    def size(self, name: str, default: int, *, least: int) -> int:
        """Return a number of bytes written like `64MiB`."""
        text = self.text(name)
        if text is None:
            return default
        match = _SIZE.fullmatch(text)
        value = int(match[1]) * _SIZE_UNITS[match[2]] if match else 0
        if value < least:
            raise self._bad(name, text, f"a size of at least {least}B such as 512KiB, 64MiB or 2GiB")
        return value

    def seconds(self, name: str, default: float, *, least: float, most: float) -> float:
        """Return a duration written like `250ms` or `1.5s`."""
        text = self.text(name)
        if text is None:
            return default
        match = _DURATION.fullmatch(text)
        value = float(match[1]) / (1000 if match[2] == "ms" else 1) if match else 0.0
        if not least <= value <= most:
            raise self._bad(name, text, f"a duration such as 250ms or 1.5s, from {least:g}s to {most:g}s")
        return value

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number."""
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise self._bad(name, text, f"a whole number from {least} to {most}")
        return int(text)

    def file(self, name: str) -> Path | None:
        """Return the path of an existing file."""
        text = self.text(name)
        if text is None:
            return None
        path = Path(text)
        if not path.is_file():
            raise self._bad(name, text, "the path of an existing file")
        return path

    def finish(self) -> None:
        """Refuse options that nobody asked for."""
        for name in self._options:
            if name not in self._asked:
                raise self.refusal(f"unknown option {name!r}; allowed: {', '.join(sorted(self._asked)) or 'none'}")

    def _bad(self, name: str, value: str, allowed: str) -> BadStoreUrl:
        return self.refusal(f"option {name} is {value!r}; allowed is {allowed}")


def _one_host(url: str) -> tuple[str, str]:
    """The URL with one host in the place of several, which parsers refuse where one is in brackets; and the hosts."""
    scheme, mark, rest = url.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    user, at, hosts = authority.rpartition("@")
    if not mark or "," not in hosts:
        return url, hosts if mark else ""
    return f"{scheme}://{user}{at}several{rest[len(authority) :]}", hosts
