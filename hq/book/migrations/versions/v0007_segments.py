"""The feed in files: segments, checksums, snapshots."""

import sqlalchemy as sa
from alembic import op

from sync.protocol.sums import BUCKETS, MODULUS, bucket_of, term_of

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("home", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_member_home"), "member", ["home", "member_id"])
    op.add_column("till_facts", sa.Column("mismatch", sa.String(length=64), nullable=True))
    op.create_table(
        "feed_sum",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_feed_sum")),
    )
    sums: dict[str, list[int]] = {}
    for account, unit, amount in op.get_bind().execute(sa.text("SELECT account_id, unit, amount FROM balance")):
        sums.setdefault(unit, [0] * BUCKETS)[bucket_of(account)] += term_of(account, unit, amount)
    for unit, of in sums.items():
        packed = b"".join((one % MODULUS).to_bytes(8, "big") for one in of)
        op.execute(
            sa.text("INSERT INTO feed_sum (unit, sums) VALUES (:unit, :sums)").bindparams(unit=unit, sums=packed)
        )
