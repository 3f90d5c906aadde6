"""Who settled what waited for a person, and tills that will never send again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("exception", sa.Column("settled_at_ms", sa.BigInteger(), nullable=True))
    for table in ("exception", "parked"):
        op.add_column(table, sa.Column("settled_by", sa.String(length=64), nullable=True))
        op.add_column(table, sa.Column("settled_note", sa.Text(), nullable=True))
    op.create_index("ix_exception_state", "exception", ["state", "raised_at_ms"])
    op.add_column("terminal", sa.Column("lost_at_ms", sa.BigInteger(), nullable=True))
