"""Programmes, their releases, and what tills say of themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("currency_scale", sa.SmallInteger(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("first_seen_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_programme")),
    )
    op.create_table(
        "programme_release",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("effective", sa.String(length=40), nullable=False),
        sa.Column("stores", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["version"], ["programme.version"], name=op.f("fk_programme_release_version")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_programme_release")),
    )
    op.create_table(
        "till_facts",
        sa.Column("terminal_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("programme", sa.String(length=64), nullable=True),
        sa.Column("unreadable", sa.String(length=64), nullable=True),
        sa.Column("told_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.terminal_id"], name=op.f("fk_till_facts_terminal_id")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_till_facts")),
    )
