"""OIDC tokens: whose they are, what they may do, and every reason not to take one."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from app.core.access import parse_grant
from app.infra.auth import Caller
from app.infra.config import Settings
from app.infra.errors import UnauthorizedError, UnavailableError
from app.infra.oidc import ALGORITHMS, TokenVerifier
from tests.clients import make_client
from tests.conftest import close, make_app, open_client

AUDIENCE = "parindex"
ES256, RS256, ED25519 = ("ES256", "k1"), ("RS256", "rsa"), ("Ed25519", "ed")


@cache
def key_of(kid: str) -> Key:
    """A private key; its kid says its kind."""
    named: Any = {"kid": kid}
    if kid.startswith("rsa"):
        return RSAKey.generate_key(2048, named)
    if kid.startswith("ed"):
        return OKPKey.generate_key("Ed25519", named)
    return ECKey.generate_key("P-384" if kid.startswith("p384") else "P-256", named)


class Provider:
    """An identity provider on this machine: discovery and keys, counted."""

    def __init__(self) -> None:
        self.kids: list[str] = ["k1", "rsa", "ed"]
        self.extra: list[Any] = []
        self.discovery: dict[str, Any] = {}
        self.up = True
        self.asked: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                content = provider.answer(self.path)
                self.send_response(200 if content else 503)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/realms/par"

    def answer(self, path: str) -> bytes:
        """What stands at a path; nothing while the provider is down."""
        if not self.up:
            return b""
        if path.endswith("/.well-known/openid-configuration"):
            known = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"} | self.discovery
            return json.dumps(known).encode()
        published = [key_of(kid).as_dict(private=False) for kid in self.kids]
        return json.dumps({"keys": [*self.extra, *published]}).encode()

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims that are taken, with changes; None leaves one out."""
        now = int(time.time())
        sound = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "an.nguyen",
            "iat": now,
            "exp": now + 300,
            "roles": ["statistics:write@22"],
        }
        return {name: value for name, value in (sound | changed).items() if value is not None}

    def token(self, how: tuple[str, str] = ES256, **changed: Any) -> str:
        """A signed token."""
        algorithm, kid = how
        return jwt.encode(
            {"alg": algorithm, "kid": kid}, self.claims(**changed), key_of(kid), algorithms=[algorithm]
        )


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that answers."""
    made = Provider()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the cache of keys."""
    return Clock()


def settings_of(provider: Provider, **more: Any) -> Settings:
    """Settings that trust the provider."""
    url = "sqlite:///never-opened.db"
    return Settings(database_url=url, oidc_issuer=provider.issuer, oidc_audience=AUDIENCE, **more)


@pytest.fixture
def verifier(provider: Provider, clock: Clock) -> TokenVerifier:
    """What takes the tokens of the provider."""
    return TokenVerifier(settings_of(provider), clock)


def refused(verifier: TokenVerifier, token: str) -> str:
    """The reason why a token is refused."""
    with pytest.raises(UnauthorizedError) as raised:
        verifier.verify(token)
    assert raised.value.code == "token_refused"
    return str(raised.value.params["error"])


def part(content: Any) -> str:
    """A part of a token made by hand."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_algorithms_need_a_private_key() -> None:
    assert not [name for name in ALGORITHMS if name.startswith("HS") or name == "none"]


@pytest.mark.parametrize(
    "how", [ES256, RS256, ("RS512", "rsa"), ("PS384", "rsa"), ED25519, ("ES384", "p384")]
)
def test_a_sound_token_is_taken(provider: Provider, verifier: TokenVerifier, how: tuple[str, str]) -> None:
    provider.kids.append("p384")
    token = provider.token(how, parindex_home_unit="22.so-noi-vu", aud=["other", AUDIENCE])
    assert verifier.verify(token) == Caller(
        "oidc:an.nguyen", (parse_grant("statistics:write@22"),), "22.so-noi-vu"
    )


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_the_older_name_of_ed25519_is_taken(provider: Provider, verifier: TokenVerifier) -> None:
    assert verifier.verify(provider.token(("EdDSA", "ed"))).code == "oidc:an.nguyen"


NOW = int(time.time())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://other.example"}, "claim iss"),
        ({"iss": None}, "claim iss"),
        ({"aud": "other"}, "claim aud"),
        ({"aud": ["other"]}, "claim aud"),
        ({"aud": None}, "claim aud"),
        ({"exp": NOW - 31}, "expired"),
        ({"exp": None}, "claim exp"),
        ({"exp": "tomorrow"}, "claim exp"),
        ({"nbf": NOW + 3600}, "claim nbf"),
        ({"iat": NOW + 3600}, "claim iat"),
        ({"sub": None}, "claim sub"),
        ({"sub": ""}, "claim sub"),
        ({"sub": "a" * 201}, "claim sub"),
        ({"sub": "a\nb"}, "claim sub"),
        ({"sub": 7}, "claim sub"),
        ({"parindex_home_unit": "22/x"}, "claim parindex_home_unit"),
        ({"parindex_home_unit": 22}, "claim parindex_home_unit"),
        ({"parindex_home_unit": "group:so"}, "claim parindex_home_unit"),
    ],
)
def test_wrong_claims_are_refused(
    provider: Provider, verifier: TokenVerifier, changed: dict[str, Any], reason: str
) -> None:
    assert refused(verifier, provider.token(**changed)) == reason


def test_clocks_may_differ_by_half_a_minute(provider: Provider, verifier: TokenVerifier) -> None:
    now = int(time.time())
    assert verifier.verify(provider.token(exp=now - 10, nbf=now + 10, iat=now + 10))


def test_signatures_that_nobody_made_are_refused(provider: Provider, verifier: TokenVerifier) -> None:
    claims = part(provider.claims())
    header, payload, signature = provider.token().split(".")
    assert refused(verifier, f"{header}.{part(provider.claims(sub='admin'))}.{signature}") == "bad signature"
    assert refused(verifier, f"{header}.{payload}.{signature[:-4]}AAAA") == "bad signature"
    for none in ("none", "None"):
        header = part({"alg": none, "kid": "k1"})
        assert refused(verifier, f"{header}.{claims}.") == "unsupported algorithm"

    public = key_of("rsa").as_pem(private=False)
    signed = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{claims}"
    made = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    assert refused(verifier, f"{signed}.{part(made)}") == "unsupported algorithm"

    crossed = jwt.encode({"alg": "ES256", "kid": "rsa"}, provider.claims(), key_of("k1"), ["ES256"])
    assert refused(verifier, crossed) == "invalid key type"


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "eyJ.eyJ.x",
        "a.b.c.d.e",
        f"{part([1])}.{part({})}.x",
        f"{part({'alg': 7})}.{part({})}.x",
        f"{part({'alg': 'ES256', 'kid': ['k1']})}.{part({})}.x",
        f"{part({'alg': 'ES256', 'crit': ['b64'], 'b64': False})}.{part({})}.x",
        f"{part(b'[' * 350)}.{part({})}.x",
        "é.ü.ñ",
        "." * 100_000,
    ],
)
def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    assert refused(verifier, token)


@pytest.mark.parametrize(
    ("claim", "claims", "grants"),
    [
        ("roles", {"roles": ["publish@22", "offline_access", 7, None, "publish@22"]}, ["publish@22"]),
        ("roles", {"roles": "publish audit:read@24 email"}, ["publish", "audit:read@24"]),
        ("roles", {"roles": None}, []),
        ("roles", {"roles": {"scores:self": 1}}, []),
        ("realm_access.roles", {"realm_access": {"roles": ["publish@group:so"]}}, ["publish@group:so"]),
        ("realm_access.roles", {"realm_access": ["scores:self"]}, []),
        ("https://par.example/roles", {"https://par.example/roles": ["publish"]}, ["publish"]),
    ],
)
def test_roles_that_are_grants_count(
    provider: Provider, claim: str, claims: dict[str, Any], grants: list[str]
) -> None:
    verifier = TokenVerifier(settings_of(provider, oidc_roles_claim=claim))
    assert [str(grant) for grant in verifier.verify(provider.token(**claims)).grants] == grants


def test_keys_are_fetched_once_in_ten_minutes(
    provider: Provider, verifier: TokenVerifier, clock: Clock
) -> None:
    for _ in range(3):
        verifier.verify(provider.token())
    assert provider.asked == ["/realms/par/.well-known/openid-configuration", "/realms/par/keys"]
    clock.now += 599
    verifier.verify(provider.token())
    assert len(provider.asked) == 2
    clock.now += 2
    verifier.verify(provider.token())
    assert len(provider.asked) == 4


def test_the_address_of_the_keys_can_be_set(provider: Provider) -> None:
    verifier = TokenVerifier(settings_of(provider, oidc_jwks_url=f"{provider.issuer}/own-keys"))
    assert verifier.verify(provider.token())
    assert provider.asked == ["/realms/par/own-keys"]


def test_rotated_keys_are_found(provider: Provider, verifier: TokenVerifier, clock: Clock) -> None:
    verifier.verify(provider.token())
    provider.kids = ["k2"]
    clock.now += 30
    assert verifier.verify(provider.token(("ES256", "k2")))
    assert refused(verifier, provider.token()) == "unknown key"


def test_unknown_keys_are_looked_for_once_in_half_a_minute(
    provider: Provider, verifier: TokenVerifier, clock: Clock
) -> None:
    verifier.verify(provider.token())
    for _ in range(5):
        assert refused(verifier, provider.token(("ES256", "k9"))) == "unknown key"
    assert len(provider.asked) == 2
    clock.now += 30
    for _ in range(5):
        assert refused(verifier, provider.token(("ES256", "k9"))) == "unknown key"
    assert len(provider.asked) == 4
    assert verifier.verify(provider.token())


def test_keys_of_other_kinds_are_passed_over(provider: Provider, verifier: TokenVerifier) -> None:
    provider.extra = [
        7,
        {"kty": "AKP", "kid": "pq"},
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ", "kid": "shared"},
        {"kty": "EC", "kid": "broken"},
        {**key_of("k3").as_dict(private=False), "use": "enc"},
    ]
    assert verifier.verify(provider.token())
    assert refused(verifier, provider.token(("ES256", "k3"))) == "unknown key"


def test_a_provider_that_is_down(provider: Provider, verifier: TokenVerifier, clock: Clock) -> None:
    provider.up = False
    for _ in range(3):
        with pytest.raises(UnavailableError, match="identity_unavailable"):
            verifier.verify(provider.token())
    assert len(provider.asked) == 1
    provider.up = True
    clock.now += 5
    assert verifier.verify(provider.token())
    provider.up = False
    clock.now += 24 * 3600 - 1
    assert verifier.verify(provider.token())
    clock.now += 31
    with pytest.raises(UnavailableError):
        verifier.verify(provider.token())
    provider.up = True
    clock.now += 31
    assert verifier.verify(provider.token())


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://other.example"},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ["x"]},
    ],
)
def test_a_discovery_that_is_not_sound_gives_no_keys(
    provider: Provider, verifier: TokenVerifier, discovery: dict[str, Any]
) -> None:
    provider.discovery = discovery
    with pytest.raises(UnavailableError):
        verifier.verify(provider.token())


def test_too_many_keys_are_not_read(provider: Provider, verifier: TokenVerifier) -> None:
    provider.extra = ["x" * 1_000_001]
    with pytest.raises(UnavailableError):
        verifier.verify(provider.token())


def test_a_token_does_what_its_grants_say(database_url: str, provider: Provider) -> None:
    app = make_app(database_url, oidc_issuer=provider.issuer, oidc_audience=AUDIENCE)
    figures = {"numerator": 14, "denominator": 27}
    path = "/v1/units/{}/measures/plan_tasks/2021"
    with open_client(app, provider.token()) as client:
        assert client.put(path.format("22"), json=figures).is_success
        outside = client.put(path.format("24"), json=figures)
        assert (outside.status_code, outside.json()["code"]) == (403, "outside_scope")
        assert client.get("/v1/clients").json()["code"] == "scope_missing"
    expired = provider.token(exp=NOW - 60)
    with open_client(app, expired) as client:
        for answer in (client.get("/v1/units/22"), client.put(path.format("22"), json=figures)):
            assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert expired not in answer.text
    # keys of clients and tokens live side by side
    with open_client(app, make_client(app, ["statistics:write@24"])) as client:
        assert client.put(path.format("24"), json=figures).is_success
    close(app)


def test_a_provider_that_is_down_does_not_stop_the_keys_of_clients(
    database_url: str, provider: Provider
) -> None:
    provider.up = False
    app = make_app(database_url, oidc_issuer=provider.issuer, oidc_audience=AUDIENCE)
    with open_client(app, provider.token()) as client:
        answer = client.get("/v1/units/22")
        assert (answer.status_code, answer.json()["code"]) == (503, "identity_unavailable")
    with open_client(app, make_client(app, ["statistics:write@24"])) as client:
        assert client.get("/v1/units/22").status_code == 200
    close(app)


def test_without_an_issuer_no_token_is_taken(database_url: str, provider: Provider) -> None:
    app = make_app(database_url)
    with open_client(app, provider.token()) as client:
        assert client.get("/v1/units/22").json()["code"] == "key_wrong"
    close(app)
