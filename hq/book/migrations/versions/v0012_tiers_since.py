"""HQ knows since when a member is in the tier, to tell sales by the one before."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("tier_at_ms", sa.BigInteger(), nullable=True))
