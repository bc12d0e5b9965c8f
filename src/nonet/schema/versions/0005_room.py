"""What files take, and what of them may go."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quotas",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_quotas")),
    )
    op.create_table(
        "tallies",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("before_id", sa.BigInteger(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("people", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("originals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cold", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tallies")),
    )
    # Nobody knows when a video was last watched before this: it counts from now, so nothing goes too early.
    op.add_column(
        "assets", sa.Column("watched_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("assets", sa.Column("cooled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("assets", sa.Column("spare_bytes", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("counts", sa.Column("watched_at", sa.DateTime(timezone=True), nullable=True))
    _fill_spare()
    op.create_index(
        "ix_assets_cooled", "assets", ["cooled_at"], postgresql_where=sa.text("cooled_at IS NOT NULL"), unique=False
    )
    op.create_index(
        "ix_assets_spare",
        "assets",
        ["watched_at", "id"],
        unique=False,
        postgresql_where=sa.text("spare_bytes > 0"),
        postgresql_include=["spare_bytes"],
    )
    op.create_index(
        "ix_asset_files_originals",
        "asset_files",
        ["asset_id"],
        unique=False,
        postgresql_where=sa.text("kind = 'original' AND retired_at IS NULL"),
        postgresql_include=["size_bytes"],
    )
    op.create_index("ix_counts_watched", "counts", ["watched_at"], unique=False)


def _fill_spare() -> None:
    """Count what could go of the videos that are there, as media.cold does: the upload or the copied picture stays."""
    op.execute(
        "WITH sums AS (SELECT asset_id, bool_or(kind = 'original') AS uploaded,"
        " sum(size_bytes) FILTER (WHERE kind = 'rendition' AND name LIKE 'source-%') AS copied,"
        " sum(size_bytes) FILTER (WHERE kind = 'rendition') AS made FROM asset_files"
        " WHERE retired_at IS NULL AND kind IN ('original', 'rendition') GROUP BY asset_id"
        ") UPDATE assets a SET spare_bytes = CASE WHEN uploaded THEN made - plain.size_bytes"
        " WHEN plain.name LIKE 'source-%' THEN made - copied ELSE made - copied - plain.size_bytes END"
        " FROM sums, asset_files plain WHERE a.state = 'complete' AND sums.asset_id = a.id AND plain.asset_id = a.id"
        " AND plain.name = a.mp4 AND (uploaded OR copied IS NOT NULL) AND made > plain.size_bytes"
    )
