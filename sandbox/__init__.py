"""A small city of stateful department servers to run the gateway against. Imports nothing of the gateway."""
