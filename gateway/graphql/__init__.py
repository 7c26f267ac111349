"""GraphQL over HTTP: one HTTP request in, one GraphQL response out, as a plain ASGI application."""
