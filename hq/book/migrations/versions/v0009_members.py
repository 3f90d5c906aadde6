"""Members who were merged: which accounts another one became. Members who are forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    merged = sa.text("canonical_id <> account_id")
    op.create_index("ix_account_alias", "account", ["canonical_id"], sqlite_where=merged, postgresql_where=merged)
    brought = sa.text("referrer IS NOT NULL")
    op.create_index("ix_member_referrer", "member", ["referrer"], sqlite_where=brought, postgresql_where=brought)
    op.create_table(
        "erasure",
        sa.Column("member_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("terminal_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("done_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "erased_member",
        sa.Column("member_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("erasure_id", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasure.member_id"], name=op.f("fk_erased_member_erasure_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_erased_member")),
    )
    op.create_table(
        "erased_card",
        sa.Column("card_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("erasure_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasure.member_id"], name=op.f("fk_erased_card_erasure_id")),
        sa.PrimaryKeyConstraint("card_key", name=op.f("pk_erased_card")),
    )
