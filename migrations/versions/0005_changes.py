"""The change feed, empty: numbered changes, the number that was given last, and what waits for its release."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "change",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("action", CODE, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_change_sequence_positive")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_change")),
    )
    op.create_table(
        "change_counter",
        sa.Column("singleton", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("singleton = 1", name=op.f("ck_change_counter_singleton")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_change_counter")),
    )
    op.create_table(
        "held_change",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("release_at", INSTANT, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("action", CODE, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_held_change")),
    )
    op.create_index("ix_held_change_release_at", "held_change", ["release_at"])
    op.execute("INSERT INTO change_counter (singleton, last) VALUES (1, 0)")
    _refuse_changes("change")


def downgrade() -> None:
    """Revert."""
    for table in ("held_change", "change_counter", "change"):
        op.drop_table(table)


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
