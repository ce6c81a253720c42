"""Gainsight PX: custom events."""
