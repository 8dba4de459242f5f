"""`parindex verify` and `parindex keys signing`: without a service, and without a database."""

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app as cli
from app.infra.signing import SigningKey
from tests.conftest import Client
from tests.features.test_publications import approved, publish

RUN = CliRunner()


@pytest.fixture
def files(client: Client, tmp_path: Path) -> dict[str, Path]:
    """What a reader downloads: the document, its signature, the keys."""
    made = publish(client, approved(client))
    paths = {
        "document": f"/v1/publications/{made['id']}",
        "signature": f"/v1/publications/{made['id']}/signature",
        "keys": "/.well-known/jwks.json",
    }
    for name, path in paths.items():
        (tmp_path / f"{name}.json").write_bytes(client.get(path).content)
    return {name: tmp_path / f"{name}.json" for name in paths}


def verify(files: dict[str, Path]) -> tuple[int, str]:
    """Exit status and what is printed."""
    signed = ["--signature", str(files["signature"]), "--keys", str(files["keys"])]
    result = RUN.invoke(cli, ["verify", str(files["document"]), *signed])
    return result.exit_code, result.output


def test_a_reader_verifies_alone(files: dict[str, Path]) -> None:
    status, told = verify(files)
    assert (status, "2 units computed anew" in told, "valid" in told) == (0, True, True)
    result = RUN.invoke(cli, ["verify", str(files["document"])])
    assert (result.exit_code, "not checked" in result.output) == (0, True)


def test_whatever_is_wrong_is_named(files: dict[str, Path], tmp_path: Path) -> None:
    document = json.loads(files["document"].read_text())
    document["results"]["01"]["points"] = "66"
    files["document"].write_text(json.dumps(document))
    status, told = verify(files)
    assert (status, "/results/01/points" in told, "not that of this document" in told) == (1, True, True)
    files["document"].write_text('{"format": "parindex-publication/1"}')
    status, told = verify(files)
    assert (status, "/round" in told) == (1, True)


def test_a_signature_of_another_key_is_none(files: dict[str, Path]) -> None:
    signature = json.loads(files["signature"].read_text())
    signature["jws"] = SigningKey.make().sign(files["document"].read_bytes())
    files["signature"].write_text(json.dumps(signature))
    assert verify(files)[0] == 1


def test_a_key_is_written_once_and_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    made = RUN.invoke(cli, ["keys", "signing", str(file)])
    assert made.exit_code == 0
    assert SigningKey.load(file.read_text()).kid == made.output.strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = RUN.invoke(cli, ["keys", "signing", str(file)])
    assert (again.exit_code, SigningKey.load(file.read_text()).kid) == (2, made.output.strip())
