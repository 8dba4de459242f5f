"""Migrations lead where the models are, and back; and the database itself refuses rows that cannot be."""

import io
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app.cli import migrate, migrations_folder
from app.infra.db import Database
from app.models import metadata
from tests.conftest import Templates


def config() -> Config:
    """Alembic without its ini file."""
    made = Config(stdout=io.StringIO())
    made.set_main_option("script_location", str(migrations_folder()))
    return made


def run(database: Database, step: Callable[[Config], object]) -> None:
    """One command of Alembic over a database."""
    with database.exclusively() as connection:
        made = config()
        made.attributes["connection"] = connection
        step(made)
        connection.commit()


def describe(database: Database) -> dict[str, object]:
    """Tables with their columns, keys, checks and indexes, by name."""
    inspector = inspect(database.engine)
    return {
        table: {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(
                (
                    key["name"] or "",
                    key["constrained_columns"],
                    key["referred_table"],
                    key["referred_columns"],
                )
                for key in inspector.get_foreign_keys(table)
            ),
            "checks": {
                c["name"]: " ".join(c["sqltext"].split()) for c in inspector.get_check_constraints(table)
            },
            "indexes": sorted((i["name"] or "", i["column_names"]) for i in inspector.get_indexes(table)),
            "unique": sorted(u["name"] or "" for u in inspector.get_unique_constraints(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_up_check_down_and_up_again(templates: Templates) -> None:
    url = templates.backend.create()
    with closing(Database(url)) as database:
        migrate(database)
        run(database, command.check)
        migrated = describe(database)
        run(database, lambda made: command.downgrade(made, "base"))
        assert describe(database) == {}
        migrate(database)
        run(database, command.check)
        assert describe(database) == migrated
        with database.read() as session:
            assert session.execute(text("SELECT singleton, revision FROM unit_tree")).all() == [(1, 1)]
    templates.backend.drop(url)


def test_migrations_promise_what_the_models_promise(templates: Templates) -> None:
    """Alembic compares neither CHECK constraints nor names, so the models' own tables are laid beside."""
    url = templates.backend.create()
    with closing(Database(url)) as from_models, closing(Database(templates.empty)) as migrated:
        metadata.create_all(from_models.engine)
        assert describe(migrated) == describe(from_models)
    templates.backend.drop(url)


def test_migrations_are_numbered_in_one_line() -> None:
    scripts = ScriptDirectory.from_config(config())
    assert len(scripts.get_heads()) == 1
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    files = sorted(path.name for path in Path(scripts.versions).glob("*.py"))
    assert [name.split("_")[0] for name in files] == revisions
    assert all(re.fullmatch(r"\d{4}(_[a-z0-9]+)+\.py", name) for name in files)


PLAN = "WHERE unit_code = '31.cau-tre' AND measure_code = 'plan_tasks'"
# statement -> the constraint that refuses it; SQLite names none for keys and NOT NULL
REFUSED = {
    "UPDATE score_entry SET points = -1": "ck_score_entry_points_not_negative",
    "UPDATE score_entry SET not_applicable = true": "ck_score_entry_points_or_not_applicable",
    "UPDATE score_entry SET stage = 'rumour'": "ck_score_entry_stage",
    "UPDATE score_entry SET unit_code = '97' WHERE unit_code = '66' AND item_code = '1'": (
        "fk_score_entry_jurisdiction_code_round_code_unit_code"
    ),
    f"UPDATE measure_value SET percent = 1 {PLAN}": "ck_measure_value_one_form",
    f"UPDATE measure_value SET numerator = NULL, denominator = NULL {PLAN}": "ck_measure_value_one_form",
    f"UPDATE measure_value SET denominator = NULL {PLAN}": "ck_measure_value_numerator_with_denominator",
    f"UPDATE measure_value SET numerator = -1 {PLAN}": "ck_measure_value_not_negative",
    f"UPDATE measure_value SET unit_code = '97' {PLAN}": "fk_measure_value_unit_code",
    "UPDATE dossier_statistic SET resolved_overdue = -1": "ck_dossier_statistic_not_negative",
    "UPDATE dossier_statistic SET scope = 'half'": "ck_dossier_statistic_scope",
    "UPDATE dossier_statistic SET data_from = '2023-01-02', data_to = '2023-01-01'": (
        "ck_dossier_statistic_data_interval"
    ),
    "UPDATE unit_version SET parent_code = '01' WHERE kind = 'nation'": (
        "ck_unit_version_parent_unless_nation"
    ),
    "UPDATE unit_version SET parent_code = NULL WHERE kind = 'province'": (
        "ck_unit_version_parent_unless_nation"
    ),
    "UPDATE unit_version SET parent_code = '97' WHERE kind = 'province'": "fk_unit_version_parent_code",
    "UPDATE unit_version SET valid_to = '2011-12-31'": "ck_unit_version_valid_interval",
    "UPDATE unit_version SET name_vi = ''": "ck_unit_version_name_vi_not_empty",
    "UPDATE unit_succession SET kind = 'rumour'": "ck_unit_succession_kind",
    "INSERT INTO unit_tree (singleton, revision) VALUES (2, 1)": "ck_unit_tree_singleton",
    "INSERT INTO unit_tree (singleton, revision) VALUES (1, 1)": "pk_unit_tree",
    "INSERT INTO unit (code) VALUES ('22')": "pk_unit",
    "UPDATE assessment_round SET state = 'forgotten'": "ck_assessment_round_state",
    "UPDATE assessment_round SET revision = 0": "ck_assessment_round_revision_positive",
    "UPDATE assessment_round SET period_end = '2001-01-01'": "ck_assessment_round_period_interval",
    "UPDATE assessment_round SET framework_version = '1'": (
        "fk_assessment_round_framework_code_framework_version"
    ),
    "UPDATE round_participant SET group_code = 'none'": "fk_round_participant_round_code_group_code",
    "UPDATE framework_version SET state = 'secret'": "ck_framework_version_state",
    "UPDATE framework_version SET status = 'invented'": "ck_framework_version_status",
    "UPDATE framework_version SET applies_to = '2001-01-01'": "ck_framework_version_applies_interval",
    "UPDATE framework_version SET sha256 = NULL": "sha256",
    "UPDATE score_entry SET recorded_at = NULL": "recorded_at",
    "DELETE FROM unit": "fk_",
    "DELETE FROM assessment_round": "fk_",
}


def test_the_database_refuses_what_cannot_be(backend: str, templates: Templates) -> None:
    with templates.copy(templates.loaded) as url, closing(Database(url)) as database:
        for statement, constraint in REFUSED.items():
            with pytest.raises(IntegrityError) as refused, database.write() as session:
                session.execute(text(statement))
            if backend == "postgresql" or constraint.startswith("ck_"):
                assert constraint in str(refused.value.orig), statement
