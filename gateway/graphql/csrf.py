"""Refusing a GET that a foreign page can make a browser send with the person's ambient credentials.

A POST needs no check: it must be application/json, which a browser sends across origins only after a
preflight. A GET executes queries only, and a foreign page cannot read the answer, but it could measure it
or make it cost something. So a GET has to prove one of:

1. It carries a header that a browser sends across origins only after a preflight (PREFLIGHTED), or a
   bearer token, which no browser attaches by itself. Any client may do that.
2. It names an official media type in Accept, which the specification demands of every client and which no
   link, form, image, script or typed address does; and the browser, if it is one, does not say that another
   origin asks. The second half is needed because Accept is a safelisted header: `fetch` may set it without
   a preflight, but cannot hide Sec-Fetch-Site.
"""

from collections.abc import Mapping

from gateway.graphql import media_types
from gateway.graphql.refusal import HTTPRefusal

PREFLIGHTED = (
    b"graphql-require-preflight",
    b"apollo-require-preflight",
    b"x-apollo-operation-name",
    b"x-requested-with",
)
_OWN_ORIGIN = (b"same-origin", b"none")
_UNPROMPTED_SCHEMES = (b"bearer ", b"dpop ")


def refuse_forgeable(headers: Mapping[bytes, bytes]) -> None:
    """Raise HTTPRefusal 403 for a GET that needs no preflight and could come from any page."""
    if any(name in headers for name in PREFLIGHTED):
        return
    if headers.get(b"authorization", b"").lower().startswith(_UNPROMPTED_SCHEMES):
        return
    own = headers.get(b"sec-fetch-site", b"none") in _OWN_ORIGIN
    if own and media_types.names_official(headers.get(b"accept", b"")):
        return
    raise HTTPRefusal(
        403,
        "CSRF_PREVENTED",
        f"A GET must name {media_types.GRAPHQL_RESPONSE} in its Accept header and come from the same "
        "origin, or carry a bearer token or the header GraphQL-Require-Preflight.",
    )
