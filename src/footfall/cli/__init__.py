"""The commands: a thin mirror of the library."""
