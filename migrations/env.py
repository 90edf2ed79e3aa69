"""Alembic's entry: migrate the database whose address hub.migrations hands over."""

from alembic import context
from sqlalchemy import create_engine

import connectors.records  # noqa: F401
from hub.migrations import METADATA

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
