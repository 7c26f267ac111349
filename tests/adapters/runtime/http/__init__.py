"""The door to the network, over real sockets, on asyncio's event loop and on uvloop."""
