"""How tests ask a server with another implementation of HTTP than ours."""

import aiohttp
from aiohttp.connector import Connection


class ReadAtOnce(aiohttp.ClientResponse):
    """A response with its body read: a test that looks at the status alone leaves nothing open."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """As aiohttp says, and the body as well."""
        response = await super().start(connection)
        await self.read()
        return response
