"""CleverTap: upload and export of events."""
