"""Leases, and what was overspent in spite of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("lease_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("terminal_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("counted", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("granted_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_s", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.terminal_id"], name=op.f("fk_lease_terminal_id")),
        sa.PrimaryKeyConstraint("lease_id", name=op.f("pk_lease")),
        sa.UniqueConstraint("terminal_id", "request_id", name=op.f("uq_lease_terminal_id")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lease_pool", "lease", ["account_id", "unit", "state"])
    op.create_index("ix_lease_change", "lease", ["terminal_id", "change"])
    op.create_index("ix_lease_end", "lease", ["state", "expires_at_s"])
    op.create_table(
        "lease_slice",
        sa.Column("lease_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("lot_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("usable_at_s", sa.BigInteger(), nullable=True),
        sa.Column("lot_ends_at_s", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lease_id"], ["lease.lease_id"], name=op.f("fk_lease_slice_lease_id")),
        sa.PrimaryKeyConstraint("lease_id", "place", name=op.f("pk_lease_slice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lease_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease_head")),
    )
    op.execute("INSERT INTO lease_head (id, change) VALUES (1, 0)")
    op.create_table(
        "in_flight",
        sa.Column("terminal_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", "account_id", "unit", name=op.f("pk_in_flight")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_in_flight_pool", "in_flight", ["account_id", "unit"])
    op.create_table(
        "shortfall",
        sa.Column("entry_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "account_id", "unit", name=op.f("pk_shortfall")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shortfall_pool", "shortfall", ["account_id", "unit"])
    op.create_table(
        "rights_told",
        sa.Column("terminal_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("hq_epoch", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.terminal_id"], name=op.f("fk_rights_told_terminal_id")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_rights_told")),
    )
