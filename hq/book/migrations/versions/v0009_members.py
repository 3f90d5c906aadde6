"""Members who were merged: which accounts another one became."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    merged = sa.text("canonical_id <> account_id")
    op.create_index("ix_account_alias", "account", ["canonical_id"], sqlite_where=merged, postgresql_where=merged)
