"""How does Alembic reach the database? Through the connection that `insights.store.database.migrate` hands over."""

from alembic import context

from insights.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter columns in place
)
with context.begin_transaction():
    context.run_migrations()
