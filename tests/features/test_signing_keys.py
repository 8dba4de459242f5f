"""Keys that sign publications: made once, kept for ever, and told of when what they signed is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.features.publications.service.reading import list_public_keys
from app.infra.config import Settings
from app.infra.signing import SigningKey, load_signing_key, write_key
from tests.conftest import Client, close, make_app, open_client
from tests.features.test_publications import KEY, approved, is_signed, publish


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """The real application with a key of its own."""
    app = make_app(database_url, files_folder=tmp_path / "files", signing_key=KEY)
    yield app
    close(app)


def test_an_old_key_stays_known(client: Client) -> None:
    """A key is rotated by another setting: what the first one signed is verified all the same."""
    base = approved(client)
    first = publish(client, base)
    settings = client.app.state.settings
    other = SigningKey.make()
    client.app.state.settings = settings.model_copy(update={"signing_key": SecretStr(other.pem)})
    assert client.post(f"{base}/transitions", json={"to": "correction", "reason": "x"}).status_code == 200
    second = publish(client, base, reason="khóa mới")
    assert (first["kid"] != second["kid"], second["kid"]) == (True, other.kid)
    keys = client.get("/.well-known/jwks.json").json()["keys"]
    assert {key["kid"] for key in keys} == {first["kid"], second["kid"]}
    assert all("d" not in key for key in keys)
    for made in (first, second):
        assert is_signed(client.get(f"/v1/publications/{made['id']}").content, made["jws"], keys)


def test_a_key_tells_nothing_before_the_release(client: Client) -> None:
    """Nobody learns of a publication by its key, which nobody had seen before."""
    base = approved(client, datetime.now(UTC) + timedelta(hours=1))
    made = publish(client, base)
    content = client.get("/v1/publications/r.1").content
    keys = "/.well-known/jwks.json"

    def judged() -> tuple[str, bool]:
        asked = {"Signature-JWS": made["jws"]}
        verdict = client.post("/v1/publications/verify", content=content, headers=asked).json()
        return verdict["signature"], verdict["is_published_here"]

    assert (client.get(keys).json()["keys"], judged()) == ([], ("key_unknown", False))
    with client.app.state.database.read() as session:
        for at, shown in ((-1, []), (0, [made["kid"]])):
            release = datetime.fromisoformat(made["release_at"]) + timedelta(microseconds=at)
            assert [key["kid"] for key in list_public_keys(session, release)] == shown


def test_reading_the_keys_makes_none(database_url: str, tmp_path: Path) -> None:
    """In development a key is made with the first publication, and not where somebody reads; a folder that
    cannot be written to, or a setting that is no key, is no matter of readers."""
    app = make_app(database_url, files_folder=tmp_path / "files")
    with open_client(app) as client:
        assert client.get("/.well-known/jwks.json").json() == {"keys": []}
        assert not (tmp_path / "files" / "signing-key.pem").exists()
        app.state.settings = app.state.settings.model_copy(update={"signing_key": SecretStr("odd")})
        assert client.get("/.well-known/jwks.json").status_code == 200
    close(app)


class Killed(BaseException):
    """The end of a process, wherever it is."""


class Unfinished(SigningKey):
    """A key in whose writing the process ends."""

    @property
    def pem(self) -> str:
        """Never there."""
        raise Killed


def test_a_key_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Otherwise an empty file stood in the way of every publication to come."""
    settings = Settings(environment="development", files_folder=tmp_path)
    with pytest.raises(Killed):
        write_key(Unfinished.make(), tmp_path / "signing-key.pem")
    assert not list(tmp_path.iterdir())
    made = load_signing_key(settings)
    (file,) = tmp_path.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("signing-key.pem", 0o600)
    assert load_signing_key(settings).kid == made.kid


def test_those_who_make_a_key_at_the_same_time_have_the_same(tmp_path: Path) -> None:
    """Two workers publish for the first time."""
    together = Barrier(8)

    def load(folder: Path) -> str:
        together.wait()
        return load_signing_key(Settings(environment="development", files_folder=folder)).kid

    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            assert len(set(pool.map(load, [tmp_path / str(number)] * 8))) == 1
