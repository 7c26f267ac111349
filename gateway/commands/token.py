"""`citygate token`: a bearer token of a persona of the sandbox."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import click

DEFAULT = "http://127.0.0.1:8000"


@click.command()
@click.argument("persona")
@click.option(
    "--gateway", default=DEFAULT, show_default=True, envvar="CITYGATE_URL", help="A gateway in front of a sandbox city."
)
def token(persona: str, gateway: str) -> None:
    """Print a bearer token for PERSONA: entrepreneur, resident, parent, officer, manager or operator.

    \b
    curl -H "Authorization: Bearer $(citygate token resident)" \\
         --json '{"query": "{ viewer { name } }"}' http://127.0.0.1:8000/graphql
    """
    url = f"{gateway.rstrip('/')}/sandbox/personas/{persona}/token"
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(f"{gateway!r} is not an http(s) address", param_hint="--gateway")
    request = urllib.request.Request(url, method="POST")  # noqa: S310  # checked above
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            click.echo(json.load(answer)["access_token"])
    except urllib.error.HTTPError as exc:
        exc.close()
        raise click.ClickException(_reason(exc.code, persona, gateway)) from exc
    except (urllib.error.URLError, OSError) as exc:
        raise click.ClickException(f"no gateway answers at {gateway}: start one with `citygate demo`") from exc


def _reason(status: int, persona: str, gateway: str) -> str:
    if status == 404:
        return f"the gateway at {gateway} knows no persona {persona!r}, or has no sandbox behind it"
    return f"the gateway at {gateway} could not get a token from the sandbox (HTTP {status})"
