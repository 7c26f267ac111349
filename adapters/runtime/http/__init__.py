"""The one door to the network: HTTP/1.1 to one department, over kept connections.

    transport    the span of a request, and its errors
    pool         how many connections there are at once, which are kept, what may be sent twice
    dial         a new connection: through proxies, with TLS
    connection   one request at a time, and the reply to it
    request      a request as bytes
    reply        a reply from bytes, within bounds
    addresses    from a host's name to a socket
    endpoint     where a department is, and how it is known

Why it is our own: docs/decisions/0012-own-http-client.md.
"""

from adapters.runtime.http.endpoint import Endpoint
from adapters.runtime.http.transport import HttpTransport

__all__ = ["Endpoint", "HttpTransport"]
