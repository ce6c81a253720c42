"""Files of events into the store."""
