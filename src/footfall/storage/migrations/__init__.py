"""Schema migrations, applied in order by Alembic."""
