"""Capillary: behavioural events, targets."""
