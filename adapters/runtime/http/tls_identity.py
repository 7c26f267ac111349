"""How TLS is spoken to one department, read again when its files are replaced."""

from __future__ import annotations

import logging
import ssl

from adapters.contract.watched import Watched
from adapters.contract.yaml_file import Misconfigured
from adapters.runtime.http.endpoint import Endpoint

logger = logging.getLogger(__name__)


class TlsIdentity:
    """The endpoint's TLS. Files that do not fit together, or are half written, leave it as it was."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Raises: Misconfigured."""
        self._endpoint = endpoint
        self._files = Watched(endpoint.tls_files)
        self._context = endpoint.tls()

    def current(self) -> ssl.SSLContext | None:
        """What to connect with now; another object when the files were replaced. None for an address without TLS."""
        if self._files.changed():
            self._read_again()
        return self._context

    def _read_again(self) -> None:
        try:
            self._context = self._endpoint.tls()
        except Misconfigured as exc:
            logger.warning("TLS files were replaced and cannot be used; the old ones go on: %s", exc)
        else:
            logger.info("%s: TLS files were replaced, and are used from now on", self._endpoint.department)
