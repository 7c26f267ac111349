"""The peers: other gateways, from the npm registry, which answer the same operations as ours."""
