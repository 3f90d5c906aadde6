"""Segment files of the feed, and up to where its tombstones are forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feed_head", sa.Column("horizon", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "feed_mark",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_feed_mark")),
    )
    op.create_table(
        "feed_segment",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("hq_epoch", sa.String(length=64), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("retired_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feed_segment")),
    )
