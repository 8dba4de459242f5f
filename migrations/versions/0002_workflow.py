"""Who may do what, and proof of who did: workflow of rounds, clients, audit, evidence, findings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
HISTORIES = (
    "score_entry",
    "sheet_submission",
    "round_transition",
    "dossier_statistic",
    "measure_value",
    "finding",
    "evidence",
    "evidence_use",
    "evidence_file",
    "audit_event",
)
"""Tables whose rows never change and never go."""
DEADLINES = ("self_assessment_until", "appraisal_until", "explanation_until", "final_appraisal_until")
STAGES = "'self', 'appraisal', 'final_appraisal', 'survey', 'statistic', 'final'"
STAGES_NOW = "'self', 'appraisal', 'explanation', 'final_appraisal', 'survey', 'statistic', 'final'"
TEXT_ONLY = "stage <> 'explanation' OR (points IS NULL AND reason IS NOT NULL)"


def upgrade() -> None:
    """Apply."""
    _allow_explanations()
    for name in DEADLINES:
        op.add_column("assessment_round", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    if _is_sqlite():
        op.execute(
            "ALTER TABLE sheet ADD COLUMN state VARCHAR DEFAULT 'open' NOT NULL "
            "CONSTRAINT ck_sheet_state CHECK (state IN ('open', 'submitted', 'returned'))"
        )
    else:
        op.add_column("sheet", sa.Column("state", CODE, server_default="open", nullable=False))
        op.create_check_constraint(
            op.f("ck_sheet_state"), "sheet", "state IN ('open', 'submitted', 'returned')"
        )
    op.add_column("sheet", sa.Column("open_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sheet", sa.Column("published_revision", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE sheet SET published_revision = revision WHERE round_code IN "
        "(SELECT code FROM assessment_round WHERE state = 'published')"
    )
    op.create_table(
        "audit_chain",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", CODE, nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction_code", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_event",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_code", CODE, nullable=False),
        sa.Column("address", CODE, nullable=True),
        sa.Column("request_id", CODE, nullable=True),
        sa.Column("action", CODE, nullable=False),
        sa.Column("round_code", CODE, nullable=True),
        sa.Column("unit_code", CODE, nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.Column("previous_hash", CODE, nullable=False),
        sa.Column("hash", CODE, nullable=False),
        sa.CheckConstraint(
            "length(hash) = 64 AND length(previous_hash) = 64", name=op.f("ck_audit_event_hash_length")
        ),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_audit_event_sequence_positive")),
        sa.PrimaryKeyConstraint("jurisdiction_code", "sequence", name=op.f("pk_audit_event")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_event_round_code", "audit_event", ["round_code"], unique=False)
    op.create_index("ix_audit_event_unit_code", "audit_event", ["unit_code"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("code", CODE, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("sha256", CODE, nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_sha256", "evidence", ["sha256"], unique=False)

    op.create_table(
        "kept_answer",
        sa.Column("client_code", CODE, nullable=False),
        sa.Column("idempotency_key", CODE, nullable=False),
        sa.Column("fingerprint", CODE, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_code", "idempotency_key", name=op.f("pk_kept_answer")),
    )
    op.create_index("ix_kept_answer_recorded_at", "kept_answer", ["recorded_at"], unique=False)

    op.create_table(
        "client",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key_sha256", CODE, nullable=False),
        sa.Column("key_hint", CODE, nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("home_unit_code", CODE, nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("length(key_sha256) = 64", name=op.f("ck_client_key_sha256_length")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_client_name_not_empty")),
        sa.ForeignKeyConstraint(["home_unit_code"], ["unit.code"], name=op.f("fk_client_home_unit_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_client")),
    )
    op.create_index("uq_client_key_sha256", "client", ["key_sha256"], unique=True)

    op.create_table(
        "evidence_file",
        sa.Column("sha256", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", CODE, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_evidence_file_sha256_length")),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_file_size_positive")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_evidence_file_unit_code")),
        sa.PrimaryKeyConstraint("sha256", "unit_code", name=op.f("pk_evidence_file")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_evidence_file_unit_code", "evidence_file", ["unit_code"], unique=False)

    op.create_table(
        "finding",
        sa.Column("code", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("round_code", CODE, nullable=True),
        sa.Column("period", CODE, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("reform_area", CODE, nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "reform_area IN ('institutional', 'procedures', 'apparatus', 'civil_service', 'public_finance', 'digital_government', 'leadership', 'impact')",
            name=op.f("ck_finding_reform_area"),
        ),
        sa.CheckConstraint("length(finding) > 0", name=op.f("ck_finding_finding_not_empty")),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_finding_period_interval")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_finding_revision_positive")),
        sa.ForeignKeyConstraint(
            ["round_code"], ["assessment_round.code"], name=op.f("fk_finding_round_code")
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_finding_unit_code")),
        sa.PrimaryKeyConstraint("code", "revision", name=op.f("pk_finding")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_finding_round_code", "finding", ["round_code"], unique=False)
    op.create_index("ix_finding_unit_code", "finding", ["unit_code"], unique=False)

    op.create_table(
        "sheet_submission",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", CODE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "action = 'submit' OR reason IS NOT NULL", name=op.f("ck_sheet_submission_return_has_reason")
        ),
        sa.CheckConstraint("action IN ('submit', 'return')", name=op.f("ck_sheet_submission_action")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_code", "round_code", "unit_code"],
            ["sheet.jurisdiction_code", "sheet.round_code", "sheet.unit_code"],
            name=op.f("fk_sheet_submission_jurisdiction_code_round_code_unit_code"),
        ),
        sa.PrimaryKeyConstraint(
            "jurisdiction_code", "round_code", "unit_code", "revision", name=op.f("pk_sheet_submission")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evidence_use",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("item_code", CODE, nullable=False),
        sa.Column("stage", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("evidence_code", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_code"], ["evidence.code"], name=op.f("fk_evidence_use_evidence_code")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_code", "round_code", "unit_code", "item_code", "stage", "revision"],
            [
                "score_entry.jurisdiction_code",
                "score_entry.round_code",
                "score_entry.unit_code",
                "score_entry.item_code",
                "score_entry.stage",
                "score_entry.revision",
            ],
            name="fk_evidence_use_score_entry",
        ),
        sa.PrimaryKeyConstraint(
            "jurisdiction_code",
            "round_code",
            "unit_code",
            "item_code",
            "stage",
            "revision",
            "evidence_code",
            name=op.f("pk_evidence_use"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_evidence_use_evidence_code", "evidence_use", ["evidence_code"], unique=False)

    for table in HISTORIES:
        _refuse_changes(table)


def downgrade() -> None:
    """Take back."""
    for table in HISTORIES:
        _allow_changes(table)
    if not _is_sqlite():
        op.execute("DROP FUNCTION parindex_refuse_change()")
    op.drop_table("evidence_use")
    op.drop_table("sheet_submission")
    op.drop_table("finding")
    op.drop_table("evidence_file")
    op.drop_table("client")
    op.drop_table("kept_answer")
    op.drop_table("evidence")
    op.drop_table("audit_event")
    op.drop_table("audit_chain")
    op.drop_column("sheet", "published_revision")
    op.drop_column("sheet", "open_until")
    op.drop_column("sheet", "state")
    for name in reversed(DEADLINES):
        op.drop_column("assessment_round", name)
    op.execute("DELETE FROM score_entry WHERE stage = 'explanation'")
    _forbid_explanations()


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _allow_explanations() -> None:
    if _is_sqlite():
        _rebuild_score_entry(STAGES_NOW, TEXT_ONLY)
        return
    op.drop_constraint(op.f("ck_score_entry_stage"), "score_entry")
    op.create_check_constraint(op.f("ck_score_entry_stage"), "score_entry", f"stage IN ({STAGES_NOW})")
    op.create_check_constraint(op.f("ck_score_entry_explanation_is_text"), "score_entry", TEXT_ONLY)


def _forbid_explanations() -> None:
    if _is_sqlite():
        _rebuild_score_entry(STAGES, None)
        return
    op.drop_constraint(op.f("ck_score_entry_explanation_is_text"), "score_entry")
    op.drop_constraint(op.f("ck_score_entry_stage"), "score_entry")
    op.create_check_constraint(op.f("ck_score_entry_stage"), "score_entry", f"stage IN ({STAGES})")


def _rebuild_score_entry(stages: str, more: str | None) -> None:
    """SQLite cannot change a CHECK: a new table takes over the rows."""
    key = ("jurisdiction_code", "round_code", "unit_code", "item_code", "stage", "revision")
    checks = [sa.CheckConstraint(f"stage IN ({stages})", name=op.f("ck_score_entry_stage"))]
    if more is not None:
        checks.append(sa.CheckConstraint(more, name=op.f("ck_score_entry_explanation_is_text")))
    op.create_table(
        "score_entry_new",
        *(sa.Column(name, CODE, nullable=False) for name in key[:-1]),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("not_applicable", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        *checks,
        sa.CheckConstraint(
            "NOT (not_applicable AND points IS NOT NULL)",
            name=op.f("ck_score_entry_points_or_not_applicable"),
        ),
        sa.CheckConstraint("points >= 0", name=op.f("ck_score_entry_points_not_negative")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_code", "round_code", "unit_code"],
            ["sheet.jurisdiction_code", "sheet.round_code", "sheet.unit_code"],
            name=op.f("fk_score_entry_jurisdiction_code_round_code_unit_code"),
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_score_entry")),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO score_entry_new SELECT * FROM score_entry")
    op.drop_table("score_entry")
    op.rename_table("score_entry_new", "score_entry")


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
        "CREATE OR REPLACE FUNCTION parindex_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION parindex_refuse_change()"
    )


def _allow_changes(table: str) -> None:
    if _is_sqlite():
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{change}")
        return
    op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
