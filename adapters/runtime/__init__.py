"""The machinery behind the ports, written once: registry, call, cache, store and the one door to the network."""
