"""Tests of Capillary's API."""
