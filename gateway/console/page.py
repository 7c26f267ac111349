"""A page as a response: its security headers, its language, its frame."""

from typing import Final

from starlette.responses import HTMLResponse

from gateway.console.assets import Assets
from gateway.console.html import Markup, document, element, join

TRACE_POLICY: Final = "style-src 'self'; img-src 'self'"
# GraphiQL's dialogs add a style element as wide as the scroll bar; its style sheet holds its fonts as data.
GRAPHIQL_POLICY: Final = (
    "script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; font-src data:"
)
_CLOSED: Final = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(body: Markup, *, head: Markup, language: str, policy: str, status: int = 200) -> HTMLResponse:
    """Answer with a whole page that may load nothing beyond `policy` and be framed nowhere."""
    return HTMLResponse(
        document(language=language, head=head, body=body),
        status_code=status,
        headers={
            "Content-Security-Policy": f"default-src 'none'; {policy}; {_CLOSED}",
            "Content-Language": language,
            "Vary": "Accept-Language",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
        },
    )


def head(title: str, assets: Assets, *stylesheets: str) -> Markup:
    """Build a page's title, icon and style sheets."""
    return join(
        element("title", title),
        element("link", rel="icon", type="image/svg+xml", href=assets.url("icon.svg")),
        *(element("link", rel="stylesheet", href=assets.url(name)) for name in stylesheets),
    )
