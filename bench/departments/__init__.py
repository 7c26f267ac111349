"""Canned departments: constant answers in the departments' own protocols, far cheaper than the gateway's work."""
