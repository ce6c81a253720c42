"""Rapidly: events with their customer and their place in a hierarchy."""
