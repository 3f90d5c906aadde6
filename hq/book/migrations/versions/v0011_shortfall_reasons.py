"""One entry may be short of a pool for two reasons; what is in flight says what of it paid a debt."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("in_flight", sa.Column("paid", sa.BigInteger(), server_default="0", nullable=False))
    op.drop_index("ix_shortfall_pool", table_name="shortfall")
    op.rename_table("shortfall", "shortfall_before")
    op.create_table(
        "shortfall",
        sa.Column("entry_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "account_id", "unit", "reason", name=op.f("pk_shortfall_by_reason")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO shortfall (entry_id, account_id, unit, amount, reason, at_ms)"
        " SELECT entry_id, account_id, unit, amount, reason, at_ms FROM shortfall_before"
    )
    op.drop_table("shortfall_before")
    op.create_index("ix_shortfall_pool", "shortfall", ["account_id", "unit"])
