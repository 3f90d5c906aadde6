"""Pairing codes count no wrong tries any more: anybody could use them up."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("pairing_code", "tries_left")
