"""Watching together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - one statement a table or index
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_subject", "audit_log", ["kind", "subject_id"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("blocker_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("blocked_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("blocker_id", "blocked_id", name=op.f("pk_blocks")),
    )
    op.create_index(op.f("ix_blocks_blocked_id"), "blocks", ["blocked_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("reports", sa.BigInteger(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_owner", "cases", ["owner_id"], unique=False)
    op.create_index("ix_cases_queue", "cases", ["state", "priority", "id"], unique=False)
    op.create_index(
        "uq_cases_open", "cases", ["kind", "subject_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "clock_seal",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_seal")),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("video_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("likes", sa.BigInteger(), nullable=False),
        sa.Column("replies", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_author", "comments", ["author_id", "id"], unique=False)
    op.create_index("ix_comments_page", "comments", ["video_id", "parent_id", "id"], unique=False)
    op.create_index("ix_comments_top", "comments", ["video_id", "parent_id", "pinned", "likes", "id"], unique=False)
    op.create_table(
        "count_deltas",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("video_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_deltas")),
    )
    op.create_index("ix_count_deltas_video", "count_deltas", ["video_id"], unique=False)
    op.create_table(
        "counts",
        sa.Column("video_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("impressions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("plays", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("views", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("finishes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("loops", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("skips", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("played_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("likes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("saves", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shares", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("comments", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reposts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("hides", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_counts")),
    )
    op.create_index("ix_counts_revision", "counts", ["revision"], unique=False)
    op.create_table(
        "demo",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo")),
    )
    op.create_table(
        "events",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("viewer", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("video_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", "id", name=op.f("pk_events")),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_table(
        "feed_choices",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("reset_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_feed_choices")),
    )
    op.create_table(
        "feed_refused",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind", "subject_id", name=op.f("pk_feed_refused")),
    )
    op.create_table(
        "follow_counts",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=False),
        sa.Column("following", sa.BigInteger(), nullable=False),
        sa.Column("videos", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_follow_counts")),
    )
    op.create_table(
        "follows",
        sa.Column("follower_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("followed_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("follower_id", "followed_id", name=op.f("pk_follows")),
    )
    op.create_index(
        "ix_follows_followed", "follows", ["followed_id", "state", "created_at", "follower_id"], unique=False
    )
    op.create_index(
        "ix_follows_follower", "follows", ["follower_id", "state", "created_at", "followed_id"], unique=False
    )
    op.create_table(
        "labels",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", "name", name=op.f("pk_labels")),
    )
    op.create_table(
        "likes",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("video_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "video_id", name=op.f("pk_likes")),
    )
    op.create_index("ix_likes_person", "likes", ["account_id", "created_at", "video_id"], unique=False)
    op.create_index(op.f("ix_likes_video_id"), "likes", ["video_id"], unique=False)
    op.create_table(
        "mutes",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind", "value", name=op.f("pk_mutes")),
    )
    op.create_index("ix_mutes_person", "mutes", ["value"], unique=False, postgresql_where=sa.text("kind = 'person'"))
    op.create_table(
        "playlists",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlists")),
    )
    op.create_index(op.f("ix_playlists_owner_id"), "playlists", ["owner_id"], unique=False)
    op.create_table(
        "reposts",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("video_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "video_id", name=op.f("pk_reposts")),
    )
    op.create_index("ix_reposts_person", "reposts", ["account_id", "created_at", "video_id"], unique=False)
    op.create_index(op.f("ix_reposts_video_id"), "reposts", ["video_id"], unique=False)
    op.create_table(
        "restrictions",
        sa.Column("restricter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("restricted_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("restricter_id", "restricted_id", name=op.f("pk_restrictions")),
    )
    op.create_index(op.f("ix_restrictions_restricted_id"), "restrictions", ["restricted_id"], unique=False)
    op.create_table(
        "saves",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("video_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "video_id", name=op.f("pk_saves")),
    )
    op.create_index("ix_saves_person", "saves", ["account_id", "created_at", "video_id"], unique=False)
    op.create_index(op.f("ix_saves_video_id"), "saves", ["video_id"], unique=False)
    op.create_table(
        "shares",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("video_id", sa.BigInteger(), nullable=False),
        sa.Column("opens", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_shares")),
    )
    op.create_index(op.f("ix_shares_video_id"), "shares", ["video_id"], unique=False)
    op.create_index("uq_shares_person", "shares", ["account_id", "video_id"], unique=True)
    op.create_table(
        "slates",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("cut", sa.BigInteger(), nullable=False),
        sa.Column("viewer", sa.BigInteger(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("before", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("video_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("sources", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("propensities", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slates")),
    )
    op.create_index("ix_slates_viewer", "slates", ["viewer", "id"], unique=False)
    op.create_index("uq_slates_cursor", "slates", ["parent", "cut"], unique=True)
    op.create_table(
        "sounds",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("asset_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("waveform", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sounds")),
        sa.UniqueConstraint("asset_id", name=op.f("uq_sounds_asset_id")),
    )
    op.create_index(op.f("ix_sounds_owner_id"), "sounds", ["owner_id"], unique=False)
    op.create_table(
        "subjects",
        sa.Column("video_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sound_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_subjects")),
    )
    op.create_index(op.f("ix_subjects_owner_id"), "subjects", ["owner_id"], unique=False)
    op.create_index("ix_subjects_revision", "subjects", ["revision"], unique=False)
    op.create_table(
        "threads",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pair", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("pair", name=op.f("uq_threads_pair")),
    )
    op.create_table(
        "views",
        sa.Column("video_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("viewer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("video_id", "viewer", "rule", name=op.f("pk_views")),
    )
    op.create_index("ix_views_viewer", "views", ["viewer"], unique=False)
    op.create_table(
        "watches",
        sa.Column("viewer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("video_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("plays", sa.BigInteger(), nullable=False),
        sa.Column("played_ms", sa.BigInteger(), nullable=False),
        sa.Column("finishes", sa.BigInteger(), nullable=False),
        sa.Column("loops", sa.BigInteger(), nullable=False),
        sa.Column("skips", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("viewer", "video_id", name=op.f("pk_watches")),
    )
    op.create_index("ix_watches_recent", "watches", ["viewer", "last_at"], unique=False)
    op.create_table(
        "comment_likes",
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_comment_likes_comment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", "account_id", name=op.f("pk_comment_likes")),
    )
    op.create_index(op.f("ix_comment_likes_account_id"), "comment_likes", ["account_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_decisions_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_case_id"), "decisions", ["case_id"], unique=False)
    op.create_index("ix_decisions_owner", "decisions", ["owner_id", "id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("video_id", sa.BigInteger(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_messages_thread_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_about_id"), "messages", ["about_id"], unique=False)
    op.create_index(op.f("ix_messages_author_id"), "messages", ["author_id"], unique=False)
    op.create_index("ix_messages_page", "messages", ["thread_id", "id"], unique=False)
    op.create_table(
        "playlist_items",
        sa.Column("playlist_id", sa.BigInteger(), nullable=False),
        sa.Column("video_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["playlists.id"], name=op.f("fk_playlist_items_playlist_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("playlist_id", "video_id", name=op.f("pk_playlist_items")),
    )
    op.create_index(op.f("ix_playlist_items_video_id"), "playlist_items", ["video_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("reporter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reports_case_id")),
        sa.PrimaryKeyConstraint("reporter_id", "kind", "subject_id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_case", "reports", ["case_id"], unique=False)
    op.create_table(
        "share_opens",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("viewer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["code"], ["shares.code"], name=op.f("fk_share_opens_code"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", "day", "viewer", name=op.f("pk_share_opens")),
    )
    op.create_table(
        "thread_members",
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since_id", sa.BigInteger(), nullable=False),
        sa.Column("read_id", sa.BigInteger(), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["threads.id"], name=op.f("fk_thread_members_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "account_id", name=op.f("pk_thread_members")),
    )
    op.create_index("ix_thread_members_person", "thread_members", ["account_id", "state", "thread_id"], unique=False)
    op.create_table(
        "video_mentions",
        sa.Column("video_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_video_mentions_video_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("video_id", "account_id", name=op.f("pk_video_mentions")),
    )
    op.create_index(op.f("ix_video_mentions_account_id"), "video_mentions", ["account_id"], unique=False)
    op.create_table(
        "video_tags",
        sa.Column("video_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("fk_video_tags_video_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("video_id", "tag", name=op.f("pk_video_tags")),
    )
    op.create_index("ix_video_tags_page", "video_tags", ["tag", "published_at", "video_id"], unique=False)
    op.create_index(
        "ix_video_tags_words",
        "video_tags",
        ["tag"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"tag": "gin_trgm_ops"},
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_appeals_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeals_decision_id")),
    )
    op.create_index(op.f("ix_appeals_account_id"), "appeals", ["account_id"], unique=False)
    op.create_index("ix_appeals_queue", "appeals", ["state", "id"], unique=False)
    op.create_table(
        "exports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_exports_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_account_id"), "exports", ["account_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("actor_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notifications_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_page", "notifications", ["account_id", "updated_at", "id"], unique=False)
    op.create_index("ix_notifications_subject", "notifications", ["subject_kind", "subject_id"], unique=False)
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["account_id", "kind"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index("uq_notifications_group", "notifications", ["account_id", "group_key"], unique=True)
    op.create_table(
        "quiet_kinds",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_quiet_kinds_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_quiet_kinds")),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_push_subscriptions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_push_subscriptions_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_subscriptions_endpoint")),
    )
    op.create_index(op.f("ix_push_subscriptions_account_id"), "push_subscriptions", ["account_id"], unique=False)
    op.create_index(op.f("ix_push_subscriptions_session_id"), "push_subscriptions", ["session_id"], unique=False)
    op.add_column("accounts", sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("accounts", sa.Column("demo", sa.Boolean(), server_default="false", nullable=False))
    op.create_index(
        "ix_accounts_handle_words",
        "accounts",
        ["handle"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"handle": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_accounts_leaving",
        "accounts",
        ["leaves_at"],
        unique=False,
        postgresql_where=sa.text("leaves_at IS NOT NULL"),
    )
    op.create_index(
        "ix_accounts_moderators", "accounts", ["id"], unique=False, postgresql_where=sa.text("role <> 'person'")
    )
    op.drop_constraint(op.f("fk_handle_claims_account_id"), "handle_claims", type_="foreignkey")
    op.create_index(
        "ix_outbox_open", "outbox", ["state"], unique=False, postgresql_where=sa.text("state IN ('waiting', 'failed')")
    )
    op.add_column("profiles", sa.Column("private", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("profiles", sa.Column("messages_from", sa.Text(), server_default="everyone", nullable=False))
    op.add_column("profiles", sa.Column("search_name", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_profiles_words",
        "profiles",
        ["search_name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_name": "gin_trgm_ops"},
    )
    op.add_column("videos", sa.Column("comments_from", sa.Text(), server_default="everyone", nullable=False))
    op.add_column("videos", sa.Column("duets", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("videos", sa.Column("stitches", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("videos", sa.Column("downloads", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("videos", sa.Column("ai_made", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("videos", sa.Column("is_ad", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("videos", sa.Column("sound_id", sa.BigInteger(), nullable=True))
    op.add_column("videos", sa.Column("search_text", sa.Text(), server_default="", nullable=False))
    op.add_column("videos", sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_videos_sound", "videos", ["sound_id", "published_at", "id"], unique=False)
    op.create_index(
        "ix_videos_text",
        "videos",
        [sa.literal_column("to_tsvector('simple', search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_videos_words",
        "videos",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
