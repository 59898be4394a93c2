"""Environment of Alembic, on the connection of `gridmap.store.migrations.upgrade`."""

from alembic import context
from geoalchemy2 import alembic_helpers

from gridmap.store.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=alembic_helpers.include_object,
    render_item=alembic_helpers.render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
