"""Footfall: a self-hosted store of customer events that answers the events APIs its users already call."""

__version__ = "0.1.0"
