"""One package per product: its routes, schemas, mapping, errors and auth."""
