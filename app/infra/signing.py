"""Detached signatures (JWS, RFC 7515 appendix F) of bytes as they are (RFC 7797) with Ed25519 keys (RFC 8037,
RFC 9864): what is signed is the header, a point, and the document."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import mkstemp
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from app.infra.config import Settings
from app.infra.errors import UnavailableError

ALGORITHM = "Ed25519"
Jwk = Mapping[str, Any]


class SigningKey:
    """A private key; its `kid` is its thumbprint (RFC 7638), so that another key has another one."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key
        self.kid: str = key.thumbprint()

    @classmethod
    def make(cls) -> "SigningKey":
        """A new one."""
        return cls(OKPKey.generate_key("Ed25519"))

    @classmethod
    def load(cls, text: str) -> "SigningKey":
        """From PEM (PKCS #8) or a JWK. Raises ValueError, which does not repeat the key."""
        try:
            content: Any = orjson.loads(text) if text.lstrip().startswith("{") else text
            key = OKPKey.import_key(content)
        except (JoseError, ValueError, TypeError):
            raise ValueError("is neither PEM (PKCS #8) nor a JWK of an Ed25519 key") from None
        if key.curve_name != "Ed25519" or not key.is_private:
            raise ValueError("must be the private key of an Ed25519 pair")
        return cls(key)

    @cached_property
    def public(self) -> dict[str, Any]:
        """The public half as a JWK, as it is published."""
        said = self._key.as_dict(private=False)
        return {"kty": said["kty"], "crv": said["crv"], "x": said["x"]} | {
            "kid": self.kid,
            "alg": ALGORITHM,
            "use": "sig",
        }

    @property
    def pem(self) -> str:
        """As it is kept in a file."""
        return self._key.as_pem(private=True).decode()

    def sign(self, payload: bytes) -> str:
        """A detached signature: header and signature without what is signed, which is no base64."""
        header = {"alg": ALGORITHM, "b64": False, "crit": ["b64"], "kid": self.kid}
        return jws.detach_content(jws.serialize_compact(header, payload, self._key, [ALGORITHM]))


def load_signing_key(settings: Settings) -> SigningKey:
    """The key that the settings name; in development one of its own, made when first needed. 503 where there
    is none."""
    if settings.signing_key is not None:
        return _loaded(settings.signing_key.get_secret_value())
    file = settings.signing_key_file
    if file is None and settings.environment == "development":
        file = settings.files_folder / "signing-key.pem"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with suppress(FileExistsError):  # another one was first
                write_key(SigningKey.make(), file)
    if file is None or not file.is_file():
        raise UnavailableError("signing_key_missing")
    return _loaded(file.read_text())


def _loaded(text: str) -> SigningKey:
    try:
        return SigningKey.load(text)
    except ValueError as error:
        raise UnavailableError("signing_key_wrong") from error


def write_key(key: SigningKey, file: Path) -> None:
    """A key into a new file that its owner alone may read: it is there whole or not at all, whoever else
    writes one, or is killed. Raises FileExistsError where there is one."""
    descriptor, name = mkstemp(dir=file.parent, prefix=f".{file.name}.")  # 0600
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(key.pem)
            opened.flush()
            os.fsync(descriptor)
        os.link(name, file)
    finally:
        os.unlink(name)


def kid_of(detached: str) -> str | None:
    """The key that a detached signature names; None where it is none: what brings its own payload signs that,
    whatever it is laid beside."""
    if ".." not in detached:
        return None
    try:
        header = jws.extract_compact(detached.encode()).protected
    except (JoseError, ValueError):
        return None
    kid = header.get("kid")
    return kid if isinstance(kid, str) and header.get("alg") == ALGORITHM else None


def is_signed(payload: bytes, detached: str, keys: Sequence[Jwk]) -> bool:
    """Whether one of the public keys signed a payload."""
    kid = kid_of(detached)
    known = next((key for key in keys if key.get("kid") == kid), None)
    if known is None:
        return False
    registry = jws.JWSRegistry(algorithms=[ALGORITHM])
    registry.max_payload_length = len(payload)
    try:
        jws.deserialize_compact(detached, OKPKey.import_key(dict(known)), registry=registry, payload=payload)
    except (JoseError, ValueError):
        return False
    return True
