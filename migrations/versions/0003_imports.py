"""Imports, fields of procedure, where a figure came from, the catalogue of measures, acknowledgements."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)
COUNTS = (
    "received_online",
    "received_direct",
    "carried_over",
    "received",
    "resolved_early",
    "resolved_on_time",
    "resolved_early_or_on_time",
    "resolved_overdue",
    "resolved",
    "pending_in_time",
    "pending_overdue",
    "pending",
    "returned_or_withdrawn",
    "due_in_period",
)
NOT_NEGATIVE = (
    "received >= 0 AND received_online >= 0 AND received_direct >= 0 AND carried_over >= 0 AND resolved >= 0 "
    "AND resolved_early >= 0 AND resolved_on_time >= 0 AND resolved_early_or_on_time >= 0 "
    "AND resolved_overdue >= 0 AND pending >= 0 AND pending_in_time >= 0 AND pending_overdue >= 0 "
    "AND returned_or_withdrawn >= 0 AND due_in_period >= 0"
)
KEY = ("jurisdiction_code", "period", "unit_code", "scope", "revision")
KEY_WITH_FIELD = (*KEY[:-1], "procedure_field", "revision")


def upgrade() -> None:
    """Apply."""
    _add_procedure_field()
    for table in ("dossier_statistic", "measure_value", "score_entry"):
        op.add_column(table, sa.Column("import_id", CODE, nullable=True))
    op.create_table(
        "figure_acknowledgement",
        *(sa.Column(name, CODE, nullable=False) for name in ("jurisdiction_code", "period", "unit_code")),
        *(sa.Column(name, CODE, nullable=False) for name in ("rule", "subject")),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_figure_acknowledgement_reason_not_empty")),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_figure_acknowledgement_unit_code")
        ),
        sa.PrimaryKeyConstraint(
            "jurisdiction_code",
            "period",
            "unit_code",
            "rule",
            "subject",
            "revision",
            name=op.f("pk_figure_acknowledgement"),
        ),
        sqlite_with_rowid=False,
    )
    _refuse_changes("figure_acknowledgement")
    op.create_table(
        "measure",
        sa.Column("code", CODE, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("length(document) > 0", name=op.f("ck_measure_document_not_empty")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_measure")),
    )
    _create_imports()


def _create_imports() -> None:
    op.create_table(
        "import",
        sa.Column("id", CODE, nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", CODE, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("seal", sa.Text(), nullable=True),
        sa.Column("worker", CODE, nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("rows_read", "rows_valid", "rows_committed")
        ),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("alive_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('dossier-statistics', 'measures', 'scores', 'units')", name=op.f("ck_import_kind")
        ),
        sa.CheckConstraint(
            "state IN ('rehearsing', 'rehearsed', 'committing', 'committed', 'failed', 'cancelled')",
            name=op.f("ck_import_state"),
        ),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_import_sha256_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_index("ix_import_expires_at", "import", ["expires_at"], unique=False)
    op.create_table(
        "import_line",
        sa.Column("import_id", CODE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("action", CODE, nullable=False),
        sa.Column("sheet", sa.String(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        *(sa.Column(name, CODE, nullable=True) for name in ("unit_code", "period", "subject")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("cells", "old", "new", "faults")),
        sa.CheckConstraint(
            "action IN ('inserted', 'updated', 'unchanged', 'rejected')", name=op.f("ck_import_line_action")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_import_line_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_import_line")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_unit",
        *(sa.Column(n, CODE, nullable=False) for n in ("import_id", "jurisdiction_code", "unit_code")),
        sa.Column("role", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.CheckConstraint("role IN ('written', 'above', 'compared')", name=op.f("ck_import_unit_role")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_import_unit_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "jurisdiction_code", "unit_code", name=op.f("pk_import_unit")),
        sqlite_with_rowid=False,
    )
    key = ("import_id", "jurisdiction_code", "period", "unit_code", "scope", "procedure_field")
    op.create_table(
        "import_dossier",
        *(sa.Column(name, CODE, nullable=False) for name in key),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("previous_revision", sa.Integer(), nullable=True),
        sa.Column("is_unchanged", sa.Boolean(), nullable=False),
        *_figures(),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_import_dossier_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_import_dossier")),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_import_dossier_position", "import_dossier", ["import_id", "position"], unique=True)


def _figures() -> list[sa.Column[Any]]:
    """Counts, and what is said of them."""
    return [
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in COUNTS),
        sa.Column("data_from", sa.Date(), nullable=True),
        sa.Column("data_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("extracted_at", INSTANT, nullable=True),
    ]


def _add_procedure_field() -> None:
    """A part of the key: SQLite needs a new table for that."""
    if _is_sqlite():
        _rebuild_dossiers(KEY_WITH_FIELD)
        return
    field = sa.Column("procedure_field", CODE, server_default="", nullable=False)
    op.add_column("dossier_statistic", field)
    op.drop_constraint(op.f("pk_dossier_statistic"), "dossier_statistic")
    op.create_primary_key(op.f("pk_dossier_statistic"), "dossier_statistic", list(KEY_WITH_FIELD))


def _rebuild_dossiers(key: tuple[str, ...]) -> None:
    """SQLite cannot change a key: a new table takes over the rows."""
    names = [name for name in key if name != "revision"]
    defaults = {"procedure_field": ""}
    op.create_table(
        "dossier_statistic_new",
        *(sa.Column(name, CODE, server_default=defaults.get(name), nullable=False) for name in names),
        sa.Column("revision", sa.Integer(), nullable=False),
        *_figures(),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("scope IN ('own', 'total')", name=op.f("ck_dossier_statistic_scope")),
        sa.CheckConstraint("data_to >= data_from", name=op.f("ck_dossier_statistic_data_interval")),
        sa.CheckConstraint(NOT_NEGATIVE, name=op.f("ck_dossier_statistic_not_negative")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_dossier_statistic_unit_code")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_dossier_statistic")),
        sqlite_with_rowid=False,
    )
    kept = ", ".join([*KEY, *COUNTS, "data_from", "data_to", "source", "extracted_at", "recorded_at"])
    op.execute(
        f"INSERT INTO dossier_statistic_new ({kept}, recorded_by) "  # noqa: S608 - names of this file
        f"SELECT {kept}, recorded_by FROM dossier_statistic"
    )
    op.drop_table("dossier_statistic")
    op.rename_table("dossier_statistic_new", "dossier_statistic")
    _refuse_changes("dossier_statistic")


def downgrade() -> None:
    """Take back; figures of single fields of procedure have no place any more."""
    for table in (
        "import_dossier",
        "import_unit",
        "import_line",
        "import",
        "measure",
        "figure_acknowledgement",
    ):
        op.drop_table(table)
    for table in ("score_entry", "measure_value", "dossier_statistic"):
        op.drop_column(table, "import_id")
    _remove_procedure_field()


def _remove_procedure_field() -> None:
    if _is_sqlite():
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER dossier_statistic_no_{change}")
        op.execute("DELETE FROM dossier_statistic WHERE procedure_field <> ''")
        _rebuild_dossiers(KEY)
        return
    op.execute("DROP TRIGGER dossier_statistic_append_only ON dossier_statistic")
    op.execute("DELETE FROM dossier_statistic WHERE procedure_field <> ''")
    op.drop_constraint(op.f("pk_dossier_statistic"), "dossier_statistic")
    op.create_primary_key(op.f("pk_dossier_statistic"), "dossier_statistic", list(KEY))
    op.drop_column("dossier_statistic", "procedure_field")
    _refuse_changes("dossier_statistic")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _refuse_changes(table: str) -> None:
    """A history grows: the database itself refuses UPDATE, DELETE and TRUNCATE."""
    if _is_sqlite():
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
