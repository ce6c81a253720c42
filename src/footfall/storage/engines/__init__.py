"""What stands behind ``storage.connection`` and ``storage.database``: one module per engine."""
