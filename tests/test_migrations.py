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
from app.features.audit.service import begin, verify
from app.infra.auth import operator
from app.infra.db import Database
from app.models import metadata
from tests.conftest import Templates, close, make_app, open_client


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
    "change",
)
ENTRY = (
    "jurisdiction_code, round_code, unit_code, item_code, stage, revision, "
    "points, not_applicable, recorded_at, recorded_by"
)
FIGURE = (
    "jurisdiction_code, period, measure_code, unit_code, revision, numerator, "
    "denominator, value, percent, recorded_at, recorded_by"
)
COUNTS = (
    "jurisdiction_code, period, unit_code, scope, revision, resolved_overdue, "
    "data_from, data_to, recorded_at, recorded_by"
)


def copied(table: str, columns: str, where: str = "true", **changes: str) -> str:
    """INSERT of a changed copy of one row: histories take no UPDATE."""
    changes = {"revision": "revision + 1000", **changes}
    values = ", ".join(changes.get(name, name) for name in columns.split(", "))
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {where} LIMIT 1"


PLAN = "unit_code = '31.cau-tre' AND measure_code = 'plan_tasks'"
# statement -> the constraint that refuses it; SQLite names none for keys and NOT NULL
REFUSED = {
    copied("score_entry", ENTRY, points="-1"): "ck_score_entry_points_not_negative",
    copied("score_entry", ENTRY, not_applicable="true"): "ck_score_entry_points_or_not_applicable",
    copied("score_entry", ENTRY, stage="'rumour'"): "ck_score_entry_stage",
    copied("score_entry", ENTRY, stage="'explanation'"): "ck_score_entry_explanation_is_text",
    copied("score_entry", ENTRY, unit_code="'97'"): "fk_score_entry_jurisdiction_code_round_code_unit_code",
    copied("score_entry", ENTRY, recorded_at="NULL"): "recorded_at",
    copied("measure_value", FIGURE, PLAN, percent="1"): "ck_measure_value_one_form",
    copied("measure_value", FIGURE, PLAN, numerator="NULL", denominator="NULL"): "ck_measure_value_one_form",
    copied("measure_value", FIGURE, PLAN, denominator="NULL"): "ck_measure_value_numerator_with_denominator",
    copied("measure_value", FIGURE, PLAN, numerator="-1"): "ck_measure_value_not_negative",
    copied("measure_value", FIGURE, PLAN, unit_code="'97'"): "fk_measure_value_unit_code",
    copied("dossier_statistic", COUNTS, resolved_overdue="-1"): "ck_dossier_statistic_not_negative",
    copied("dossier_statistic", COUNTS, scope="'half'"): "ck_dossier_statistic_scope",
    copied("dossier_statistic", COUNTS, data_from="'2023-01-02'", data_to="'2023-01-01'"): (
        "ck_dossier_statistic_data_interval"
    ),
    "UPDATE sheet SET state = 'lost'": "ck_sheet_state",
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
    "INSERT INTO change_counter (singleton, last) VALUES (2, 1)": "ck_change_counter_singleton",
    "INSERT INTO change (sequence, kind, action, subject, at) SELECT sequence, kind, action, subject, at "
    "FROM change": "pk_change",
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


def test_histories_take_no_update_and_no_delete(backend: str, templates: Templates) -> None:
    """Every history, row by row or whole: the database itself refuses."""
    attempts = [f"{verb} {table}" for table in HISTORIES for verb in ("DELETE FROM",)]
    attempts += [f"UPDATE {table} SET {column_of(table)} = {column_of(table)}" for table in HISTORIES]
    if backend == "postgresql":
        attempts += [f"TRUNCATE {table} CASCADE" for table in HISTORIES]
    with templates.copy(templates.loaded) as url, closing(Database(url)) as database:
        fill_empty_histories(database)
        for statement in attempts:
            with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
                session.execute(text(statement))


def column_of(table: str) -> str:
    """Any column of a table."""
    return next(iter(metadata.tables[table].columns.keys()))


def fill_empty_histories(database: Database) -> None:
    """SQLite has no trigger for statements that touch no row: every history gets one."""
    now = "2022-01-01 00:00:00"
    entry = "SELECT jurisdiction_code, round_code, unit_code"
    with database.write() as session:
        for statement in (
            f"INSERT INTO sheet_submission (jurisdiction_code, round_code, unit_code, revision, action, "
            f"recorded_at, recorded_by) {entry}, 1000, 'submit', '{now}', 'x' FROM sheet LIMIT 1",
            "INSERT INTO evidence (code, title) VALUES ('e', 'Báo cáo')",
            f"INSERT INTO evidence_use (jurisdiction_code, round_code, unit_code, item_code, stage, "
            f"revision, evidence_code) {entry}, item_code, stage, revision, 'e' FROM score_entry LIMIT 1",
            f"INSERT INTO evidence_file (sha256, unit_code, name, media_type, size, recorded_at, "
            f"recorded_by) VALUES ('{'0' * 64}', '22', 'a.pdf', 'application/pdf', 1, '{now}', 'x')",
            "INSERT INTO finding (code, revision, jurisdiction_code, unit_code, period, period_start, "
            "period_end, reform_area, items, finding, recorded_at, recorded_by) VALUES ('f', 1, '22', '22', "
            f"'2021', '2021-01-01', '2021-12-31', 'procedures', '[]', 'Chậm', '{now}', 'x')",
        ):
            session.execute(text(statement))


def test_what_was_published_before_stays_what_the_public_reads(backend: str, templates: Templates) -> None:
    """A database of the version before: a published round, then a correction after the upgrade."""
    with templates.copy(templates.loaded) as url, closing(Database(url)) as database:
        run(database, lambda made: command.downgrade(made, "0001"))
        with database.read() as session:
            entries = session.execute(text("SELECT count(*) FROM score_entry")).scalar_one()
        migrate(database)
        with database.write() as session:
            begin(session, operator("upgrade"))
        with database.read() as session:
            assert session.execute(text("SELECT count(*) FROM score_entry")).scalar_one() == entries > 100
            assert verify(session).intact
        app = make_app(url)
        with open_client(app) as client, open_client(app, key=None) as public:
            base = "/v1/rounds/par-province-2020"
            before = public.get(f"{base}/rankings").json()["items"]
            moved = client.post(f"{base}/transitions", json={"to": "correction", "reason": "đính chính"})
            assert moved.status_code == 200
            wrong = {"stage": "final", "points": 1, "reason": "đính chính"}
            assert client.put(f"{base}/units/22/scores/appraisal", json=wrong).status_code == 200
            assert public.get(f"{base}/rankings").json()["items"] == before
            assert client.get(f"{base}/rankings").json()["items"] != before
        close(app)
