"""Floors: servers that answer a constant and do nothing else; no gateway behind the same server can be faster."""

BODY = b'{"data":{"__typename":"Query"}}'
HOST = "127.0.0.1"
