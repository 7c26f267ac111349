"""Tests of the sandbox city: real processes, real sockets."""
