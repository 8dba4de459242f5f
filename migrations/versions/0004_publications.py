"""Publications: frozen, signed results; the keys that signed them; when a round's results are released."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)
APPEND_ONLY = ("signing_key", "publication", "publication_document")


def upgrade() -> None:
    """Apply."""
    op.add_column("assessment_round", sa.Column("release_at", INSTANT, nullable=True))
    op.create_table(
        "signing_key",
        sa.Column("kid", CODE, nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
    _create_publication()
    op.create_table(
        "publication_document",
        sa.Column("publication_id", CODE, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_publication_document_publication_id")
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publication_document")),
    )
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _create_publication() -> None:
    op.create_table(
        "publication",
        sa.Column("id", CODE, nullable=False),
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", CODE, nullable=True),
        sa.Column("decision_number", sa.String(), nullable=False),
        sa.Column("decision_issued_on", sa.Date(), nullable=False),
        sa.Column("decision_signer", sa.String(), nullable=False),
        sa.Column("release_at", INSTANT, nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("kid", CODE, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_publication_number_positive")),
        sa.CheckConstraint(
            "(number = 1) = (supersedes_id IS NULL)",
            name=op.f("ck_publication_supersedes_the_one_before"),
        ),
        sa.ForeignKeyConstraint(["kid"], ["signing_key.kid"], name=op.f("fk_publication_kid")),
        sa.ForeignKeyConstraint(
            ["round_code"], ["assessment_round.code"], name=op.f("fk_publication_round_code")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["publication.id"], name=op.f("fk_publication_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("round_code", "number", name=op.f("uq_publication_round_code_number")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_publication_supersedes_id")),
    )


def downgrade() -> None:
    """Revert."""
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
    op.drop_column("assessment_round", "release_at")


def _refuse_changes(table: str) -> None:
    """A history grows: the database itself refuses UPDATE, DELETE and TRUNCATE."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION parindex_refuse_change()"
    )
