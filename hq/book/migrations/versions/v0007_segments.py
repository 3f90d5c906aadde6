"""The feed in files: segments, checksums, snapshots."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("home", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_member_home"), "member", ["home", "member_id"])
