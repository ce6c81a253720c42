"""Files of events into the store: CSV and NDJSON, as a mapping says."""
