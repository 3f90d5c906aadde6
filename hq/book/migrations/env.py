"""Alembic's entry: runs on the connection that hq.book.migrate hands over."""

from alembic import context

from hq.book.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds everything
)
context.run_migrations()
