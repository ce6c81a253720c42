"""Accepting events: resolved, deduplicated, durable, and only then acknowledged."""
