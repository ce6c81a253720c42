"""Workspaces and credentials: how they come into being, and how a request proves whose it is."""
