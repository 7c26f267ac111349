"""One module per department server; each has `build(city) -> Department`. Found by name, never listed."""
