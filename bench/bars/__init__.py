"""The bars: what has to be reached, each measured by one command, with a verdict."""
