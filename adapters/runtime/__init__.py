"""The machinery behind the ports, written once: registry, call, cache, store, the one door to the network."""
