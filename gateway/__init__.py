"""One HTTP request: routing, identity, GraphQL over HTTP, telemetry. Knows no department and no domain."""
