"""Dossier counts sent as files."""

from typing import Any

from app.features.imports.service.desk import Desk
from tests import importing
from tests.conftest import Client

HEAD = "Mã đơn vị,Kỳ báo cáo,Tiếp nhận,Đã giải quyết,Quá hạn"
KIND = {"kind": "dossier-statistics"}


def table(*rows: str, head: str = HEAD) -> bytes:
    """A file as a clerk sends it."""
    return importing.table(*rows, head=head)


def send(client: Client, content: bytes, **options: Any) -> dict[str, Any]:
    """An import; its report."""
    return importing.send(client, content, **KIND, **options)


def put(client: Client, unit: str = "01", period: str = "2021", **counts: Any) -> None:
    response = client.put(f"/v1/units/{unit}/dossier-statistics/{period}", json=counts)
    assert response.status_code == 200, response.text


def stands(client: Client, unit: str = "01", period: str = "2021") -> dict[str, int] | None:
    """The counts of a unit; None where there are none."""
    response = client.get(f"/v1/units/{unit}/dossier-statistics/{period}")
    return None if response.status_code == 404 else response.json()["counts"]


def desk_of(client: Client) -> Desk:
    state = client.app.state
    return Desk(state.database, state.jobs, state.incoming)
