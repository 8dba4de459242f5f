"""Files sent as imports."""

from typing import Any

from sqlalchemy import func, text
from sqlmodel import SQLModel, select

from app.features.audit import service as audit
from app.infra.db import Database
from tests.conftest import Client


def table(*rows: str, head: str) -> bytes:
    """A file as a clerk sends it."""
    return "\n".join((head, *rows)).encode()


def send(client: Client, content: bytes, kind: str, **options: Any) -> dict[str, Any]:
    """An import; its report."""
    response = client.post("/v1/imports", content=content, params={"kind": kind, **options})
    assert response.status_code == 201, response.text
    report: dict[str, Any] = response.json()
    assert response.headers["Location"] == f"/v1/imports/{report['id']}"
    return report


def commit(client: Client, report: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A committed import."""
    response = client.post(f"/v1/imports/{report['id']}/commit", params=options)
    assert response.status_code == 200, response.text
    committed: dict[str, Any] = response.json()
    assert committed["state"] == "committed"
    return committed


def refused(client: Client, report: dict[str, Any]) -> dict[str, Any]:
    """Why a commit is refused."""
    response = client.post(f"/v1/imports/{report['id']}/commit")
    assert response.status_code == 409, response.text
    problem: dict[str, Any] = response.json()
    return problem


def rows(client: Client, report: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    """What each row does."""
    response = client.get(f"/v1/imports/{report['id']}/rows", params=query)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def faults(client: Client, report: dict[str, Any]) -> list[list[tuple[str | None, str]]]:
    """(column, code) of everything that is wrong with each bad row."""
    bad = rows(client, report, action="rejected")
    return [[(error["column"], error["code"]) for error in row["errors"]] for row in bad]


def counted(**counts: int) -> dict[str, int]:
    """Rows by what they do."""
    return {"inserted": 0, "updated": 0, "unchanged": 0, "rejected": 0} | counts


def count(client: Client, model: type[SQLModel]) -> int:
    """Rows of a table."""
    with client.app.state.database.read() as session:
        found: int = session.execute(select(func.count()).select_from(model)).scalar_one()
        return found


def verify(client: Client) -> Any:
    """What the audit says."""
    with client.app.state.database.read() as session:
        return audit.verify(session)


def tamper(client: Client, statement: str, name: str) -> list[Any]:
    """What the audit says after somebody changed a table of the database itself; then it is taken back."""
    database: Database = client.app.state.database
    with database.work() as session:
        if database.engine.dialect.name == "sqlite":
            for kind in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER {name}_no_{kind}"))
        else:
            session.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER ALL"))
        session.execute(text(statement))
        broken = audit.verify(session).broken
        session.rollback()
    return broken
