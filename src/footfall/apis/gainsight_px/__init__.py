"""Gainsight PX: events of all families, users, accounts."""
