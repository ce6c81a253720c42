"""Footfall's own API: the model as it is."""
