"""Units, criteria sets, rounds, scores, figures and results."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "framework_version",
        sa.Column("code", CODE, nullable=False),
        sa.Column("version", CODE, nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("status", CODE, nullable=False),
        sa.Column("title_vi", sa.String(), nullable=False),
        sa.Column("applies_from", sa.Date(), nullable=False),
        sa.Column("applies_to", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", CODE, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published')", name=op.f("ck_framework_version_state")),
        sa.CheckConstraint(
            "status IN ('official', 'official_partial', 'illustrative')",
            name=op.f("ck_framework_version_status"),
        ),
        sa.CheckConstraint(
            "applies_to IS NULL OR applies_to >= applies_from",
            name=op.f("ck_framework_version_applies_interval"),
        ),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_framework_version")),
    )
    op.create_table(
        "unit", sa.Column("code", CODE, nullable=False), sa.PrimaryKeyConstraint("code", name=op.f("pk_unit"))
    )
    op.create_table(
        "unit_tree",
        sa.Column("singleton", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("singleton = 1", name=op.f("ck_unit_tree_singleton")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_unit_tree")),
    )
    op.create_table(
        "assessment_round",
        sa.Column("code", CODE, nullable=False),
        sa.Column("title_vi", sa.String(), nullable=False),
        sa.Column("framework_code", CODE, nullable=False),
        sa.Column("framework_version", CODE, nullable=False),
        sa.Column("period", CODE, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("previous_round_code", CODE, nullable=True),
        sa.Column("state", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'self_assessment', 'appraisal', 'explanation', 'final_appraisal', 'approved', 'published', 'correction')",
            name=op.f("ck_assessment_round_state"),
        ),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_assessment_round_period_interval")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_assessment_round_revision_positive")),
        sa.ForeignKeyConstraint(
            ["framework_code", "framework_version"],
            ["framework_version.code", "framework_version.version"],
            name=op.f("fk_assessment_round_framework_code_framework_version"),
        ),
        sa.ForeignKeyConstraint(
            ["previous_round_code"],
            ["assessment_round.code"],
            name=op.f("fk_assessment_round_previous_round_code"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_assessment_round")),
    )
    op.create_table(
        "dossier_statistic",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("period", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("scope", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("received_online", sa.BigInteger(), nullable=True),
        sa.Column("received_direct", sa.BigInteger(), nullable=True),
        sa.Column("carried_over", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=True),
        sa.Column("resolved_early", sa.BigInteger(), nullable=True),
        sa.Column("resolved_on_time", sa.BigInteger(), nullable=True),
        sa.Column("resolved_early_or_on_time", sa.BigInteger(), nullable=True),
        sa.Column("resolved_overdue", sa.BigInteger(), nullable=True),
        sa.Column("resolved", sa.BigInteger(), nullable=True),
        sa.Column("pending_in_time", sa.BigInteger(), nullable=True),
        sa.Column("pending_overdue", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.BigInteger(), nullable=True),
        sa.Column("returned_or_withdrawn", sa.BigInteger(), nullable=True),
        sa.Column("due_in_period", sa.BigInteger(), nullable=True),
        sa.Column("data_from", sa.Date(), nullable=True),
        sa.Column("data_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("extracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("scope IN ('own', 'total')", name=op.f("ck_dossier_statistic_scope")),
        sa.CheckConstraint("data_to >= data_from", name=op.f("ck_dossier_statistic_data_interval")),
        sa.CheckConstraint(
            "received >= 0 AND received_online >= 0 AND received_direct >= 0 AND carried_over >= 0 AND resolved >= 0 AND resolved_early >= 0 AND resolved_on_time >= 0 AND resolved_early_or_on_time >= 0 AND resolved_overdue >= 0 AND pending >= 0 AND pending_in_time >= 0 AND pending_overdue >= 0 AND returned_or_withdrawn >= 0 AND due_in_period >= 0",
            name=op.f("ck_dossier_statistic_not_negative"),
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_dossier_statistic_unit_code")),
        sa.PrimaryKeyConstraint(
            "jurisdiction_code", "period", "unit_code", "scope", "revision", name=op.f("pk_dossier_statistic")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "measure_value",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("period", CODE, nullable=False),
        sa.Column("measure_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=True),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("extracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(numerator IS NOT NULL AND value IS NULL AND percent IS NULL) OR (numerator IS NULL AND value IS NOT NULL AND percent IS NULL) OR (numerator IS NULL AND value IS NULL AND percent IS NOT NULL)",
            name=op.f("ck_measure_value_one_form"),
        ),
        sa.CheckConstraint(
            "(numerator IS NULL) = (denominator IS NULL)",
            name=op.f("ck_measure_value_numerator_with_denominator"),
        ),
        sa.CheckConstraint(
            "numerator >= 0 AND denominator >= 0 AND value >= 0 AND percent >= 0",
            name=op.f("ck_measure_value_not_negative"),
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_measure_value_unit_code")),
        sa.PrimaryKeyConstraint(
            "jurisdiction_code",
            "period",
            "measure_code",
            "unit_code",
            "revision",
            name=op.f("pk_measure_value"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "statistics_revision",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_statistics_revision_unit_code")),
        sa.PrimaryKeyConstraint("jurisdiction_code", "unit_code", name=op.f("pk_statistics_revision")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unit_version",
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("name_vi", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=True),
        sa.Column("name_folded", sa.String(), nullable=False),
        sa.Column("parent_code", CODE, nullable=True),
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.CheckConstraint(
            "(kind = 'nation') = (parent_code IS NULL)", name=op.f("ck_unit_version_parent_unless_nation")
        ),
        sa.CheckConstraint("length(name_vi) > 0", name=op.f("ck_unit_version_name_vi_not_empty")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_version_valid_interval")
        ),
        sa.ForeignKeyConstraint(["parent_code"], ["unit.code"], name=op.f("fk_unit_version_parent_code")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_unit_version_unit_code")),
        sa.PrimaryKeyConstraint("unit_code", "valid_from", name=op.f("pk_unit_version")),
    )
    with op.batch_alter_table("unit_version", schema=None) as batch_op:
        batch_op.create_index("ix_unit_version_jurisdiction_code", ["jurisdiction_code"], unique=False)
        batch_op.create_index("ix_unit_version_parent_code", ["parent_code"], unique=False)

    op.create_table(
        "round_group",
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("group_code", CODE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ranked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_code"], ["assessment_round.code"], name=op.f("fk_round_group_round_code")
        ),
        sa.PrimaryKeyConstraint("round_code", "group_code", name=op.f("pk_round_group")),
    )
    op.create_table(
        "round_transition",
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_code"], ["assessment_round.code"], name=op.f("fk_round_transition_round_code")
        ),
        sa.PrimaryKeyConstraint("round_code", "revision", name=op.f("pk_round_transition")),
    )
    op.create_table(
        "unit_group",
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("group_code", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_code", "valid_from"],
            ["unit_version.unit_code", "unit_version.valid_from"],
            name=op.f("fk_unit_group_unit_code_valid_from"),
        ),
        sa.PrimaryKeyConstraint("unit_code", "valid_from", "group_code", name=op.f("pk_unit_group")),
    )
    with op.batch_alter_table("unit_group", schema=None) as batch_op:
        batch_op.create_index("ix_unit_group_group_code", ["group_code"], unique=False)

    op.create_table(
        "unit_succession",
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("from_code", CODE, nullable=False),
        sa.Column("from_valid_from", sa.Date(), nullable=False),
        sa.Column("to_code", CODE, nullable=False),
        sa.Column("to_valid_from", sa.Date(), nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("instrument", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('merge', 'split', 'rename', 'continue')", name=op.f("ck_unit_succession_kind")
        ),
        sa.ForeignKeyConstraint(
            ["from_code", "from_valid_from"],
            ["unit_version.unit_code", "unit_version.valid_from"],
            name=op.f("fk_unit_succession_from_code_from_valid_from"),
        ),
        sa.ForeignKeyConstraint(
            ["to_code", "to_valid_from"],
            ["unit_version.unit_code", "unit_version.valid_from"],
            name=op.f("fk_unit_succession_to_code_to_valid_from"),
        ),
        sa.PrimaryKeyConstraint(
            "effective_on",
            "from_code",
            "from_valid_from",
            "to_code",
            "to_valid_from",
            name=op.f("pk_unit_succession"),
        ),
    )
    with op.batch_alter_table("unit_succession", schema=None) as batch_op:
        batch_op.create_index("ix_unit_succession_to_code", ["to_code"], unique=False)

    op.create_table(
        "round_participant",
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("group_code", CODE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["round_code", "group_code"],
            ["round_group.round_code", "round_group.group_code"],
            name=op.f("fk_round_participant_round_code_group_code"),
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_round_participant_unit_code")),
        sa.PrimaryKeyConstraint("round_code", "unit_code", name=op.f("pk_round_participant")),
    )
    with op.batch_alter_table("round_participant", schema=None) as batch_op:
        batch_op.create_index(
            "ix_round_participant_round_code_group_code", ["round_code", "group_code"], unique=False
        )

    op.create_table(
        "sheet",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_code", "unit_code"],
            ["round_participant.round_code", "round_participant.unit_code"],
            name=op.f("fk_sheet_round_code_unit_code"),
        ),
        sa.PrimaryKeyConstraint("jurisdiction_code", "round_code", "unit_code", name=op.f("pk_sheet")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "score_entry",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("item_code", CODE, nullable=False),
        sa.Column("stage", CODE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("not_applicable", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('self', 'appraisal', 'final_appraisal', 'survey', 'statistic', 'final')",
            name=op.f("ck_score_entry_stage"),
        ),
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
        sa.PrimaryKeyConstraint(
            "jurisdiction_code",
            "round_code",
            "unit_code",
            "item_code",
            "stage",
            "revision",
            name=op.f("pk_score_entry"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unit_result",
        sa.Column("jurisdiction_code", CODE, nullable=False),
        sa.Column("round_code", CODE, nullable=False),
        sa.Column("unit_code", CODE, nullable=False),
        sa.Column("sheet_revision", sa.Integer(), nullable=False),
        sa.Column("statistics_revision", sa.Integer(), nullable=False),
        sa.Column("round_revision", sa.Integer(), nullable=False),
        sa.Column("tree_revision", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.Integer(), nullable=False),
        sa.Column("self_scores_only", sa.Boolean(), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "sheet_revision >= 0 AND statistics_revision >= 0", name=op.f("ck_unit_result_revisions")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_code", "round_code", "unit_code"],
            ["sheet.jurisdiction_code", "sheet.round_code", "sheet.unit_code"],
            name=op.f("fk_unit_result_jurisdiction_code_round_code_unit_code"),
        ),
        sa.PrimaryKeyConstraint("jurisdiction_code", "round_code", "unit_code", name=op.f("pk_unit_result")),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO unit_tree (singleton, revision) VALUES (1, 1)")


def downgrade() -> None:
    """Take back."""
    op.drop_table("unit_result")
    op.drop_table("score_entry")
    op.drop_table("sheet")
    with op.batch_alter_table("round_participant", schema=None) as batch_op:
        batch_op.drop_index("ix_round_participant_round_code_group_code")

    op.drop_table("round_participant")
    with op.batch_alter_table("unit_succession", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_succession_to_code")

    op.drop_table("unit_succession")
    with op.batch_alter_table("unit_group", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_group_group_code")

    op.drop_table("unit_group")
    op.drop_table("round_transition")
    op.drop_table("round_group")
    with op.batch_alter_table("unit_version", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_version_parent_code")
        batch_op.drop_index("ix_unit_version_jurisdiction_code")

    op.drop_table("unit_version")
    op.drop_table("statistics_revision")
    op.drop_table("measure_value")
    op.drop_table("dossier_statistic")
    op.drop_table("assessment_round")
    op.drop_table("unit_tree")
    op.drop_table("unit")
    op.drop_table("framework_version")
