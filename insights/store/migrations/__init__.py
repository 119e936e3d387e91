"""How did the database come to look as it does? One file per change, run by Alembic when a workspace is opened."""
