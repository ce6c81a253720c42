"""Events out of the store, into files: NDJSON, CSV and Parquet, in constant memory, resumable."""
