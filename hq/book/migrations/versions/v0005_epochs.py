"""Epochs of journals: what was promised, forks, backups."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journal_head", sa.Column("promised", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("till_facts", sa.Column("rolled_back", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_table(
        "epoch_opening",
        sa.Column("terminal_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("from_epoch", sa.BigInteger(), nullable=False),
        sa.Column("common", sa.BigInteger(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.terminal_id"], name=op.f("fk_epoch_opening_terminal_id")),
        sa.PrimaryKeyConstraint("terminal_id", "epoch", name=op.f("pk_epoch_opening")),
    )
    op.create_table(
        "backed_up",
        sa.Column("terminal_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", "epoch", name=op.f("pk_backed_up")),
    )
