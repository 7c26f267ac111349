"""Pages of other origins: none may read an answer but those that the configuration names."""

from __future__ import annotations

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from gateway.graphql.csrf import PREFLIGHTED

METHODS = ("GET", "HEAD", "POST")
ALLOWED = ("Authorization", "Content-Type", *(name.decode() for name in PREFLIGHTED))
EXPOSED = ("ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Trace-Id")
MAX_AGE = 600
"""Seconds for which a browser need not ask again."""


def cors(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """The application, readable for pages of these origins; without any, the application itself.

    Cookies and the like are never taken: a person's credential is the token, which a page has to send itself.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=ALLOWED,
        expose_headers=EXPOSED,
        max_age=MAX_AGE,
    )
