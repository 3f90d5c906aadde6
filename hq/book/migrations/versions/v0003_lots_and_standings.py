"""Lots, accounts that are not members', what the rules ask of a member, and HQ as the writer of a journal."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lot",
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("lot_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("usable_at_s", sa.BigInteger(), nullable=True),
        sa.Column("expires_at_s", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "unit", "lot_id", name=op.f("pk_lot")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lot_expires", "lot", ["expires_at_s"], unique=False)
    op.execute(
        "INSERT INTO lot (account_id, unit, lot_id, amount, usable_at_s, expires_at_s)"
        " SELECT account_id, unit, lot_id, sum(amount), min(usable_at_s), min(expires_at_s) FROM ledger"
        " WHERE lot_id IS NOT NULL GROUP BY account_id, unit, lot_id HAVING sum(amount) <> 0"
    )
    op.add_column("account", sa.Column("kind", sa.String(length=32), server_default="member", nullable=False))
    op.add_column("terminal", sa.Column("role", sa.String(length=8), server_default="till", nullable=False))
    for column in (
        sa.Column("birthday", sa.String(length=5), nullable=True),
        sa.Column("joined_on", sa.String(length=10), nullable=True),
        sa.Column("last_visit_on", sa.String(length=10), nullable=True),
        sa.Column("segments", sa.Text(), nullable=True),
        sa.Column("tier_until_s", sa.BigInteger(), nullable=True),
        sa.Column("referrer", sa.LargeBinary(length=16), nullable=True),
    ):
        op.add_column("member", column)
