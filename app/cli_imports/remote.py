"""The desk of a running service, over HTTP."""

import ipaddress
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from app.cli_imports.desks import Letter, Mistake, RefusedError, Report, Sent
from app.cli_imports.words import say
from app.infra.messages import Language

_WAIT = 1
"""Seconds that the service may take before it answers that it is at work."""
_TIMES = httpx.Timeout(60, connect=10)
_PAUSES = (0.5, 1, 2, 4, 8)
"""Before a read is tried again."""
_BUSY = (429, 502, 503, 504)
_PART = 64 * 1024
_PATH = "/v1/imports"


def refuse_unsafe(url: str, key: str, insecure: bool, language: Language) -> httpx.URL:
    """The address of the service; refuses one to which the key would go in clear."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL("")
    if address.scheme not in ("http", "https") or not address.host:
        raise RefusedError(say("url_wrong", language, url=url))
    if address.scheme == "http" and not insecure and not _is_here(address.host):
        raise RefusedError(say("url_insecure", language, host=address.host))
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise RefusedError(say("key_missing" if not key else "key_malformed", language))
    path = address.path.rstrip("/").removesuffix("/v1")
    return address.copy_with(path=path or "/", query=None, fragment=None, username=None, password=None)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class RemoteDesk:
    """Imports as the client whose key it is."""

    def __init__(self, url: str, key: str, insecure: bool, language: Language) -> None:
        key = key.strip()
        self.address = refuse_unsafe(url, key, insecure, language)
        self.language = language
        self.met = False
        self.http = httpx.Client(
            base_url=self.address,
            headers={"Authorization": f"Bearer {key}", "Accept-Language": language},
            timeout=_TIMES,
            trust_env=not _is_here(self.address.host),  # no proxy on the way to this machine
        )

    def list_recent(self) -> list[Report]:
        """Imports, the newest first; none where the key may send, but not look."""
        try:
            found: list[Report] = self._get(_PATH, limit=100)["items"]
        except RefusedError as refused:
            if refused.status == 403:
                return []
            raise
        return found

    def send(self, letter: Letter, key: str, sent: Sent) -> Report:
        """Upload a file part by part, and begin its rehearsal."""
        options = letter.options.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return self._post(
            _PATH,
            {"kind": letter.kind, "file_name": letter.path.name[-300:], "wait": _WAIT, **options},
            content=_parts(letter, sent),
            headers={
                "Idempotency-Key": key,
                "Content-Type": "application/octet-stream",
                "Content-Length": str(letter.size),
            },
        )

    def read(self, import_id: str) -> Report:
        """How far an import is."""
        return self._get(f"{_PATH}/{import_id}")

    def commit(self, import_id: str, skip: bool) -> Report:
        """Begin the commit of a rehearsed import."""
        query: dict[str, Any] = {"wait": _WAIT} | ({"on_error": "skip"} if skip else {})
        return self._post(f"{_PATH}/{import_id}/commit", query)

    def cancel(self, import_id: str) -> Report:
        """Stop a rehearsal."""
        return self._post(f"{_PATH}/{import_id}/cancel", {})

    def settle(self, import_id: str) -> Report:
        """A commit goes on at the service; how far it is."""
        return self.read(import_id)

    def list_rejected(self, import_id: str, limit: int) -> list[Report]:
        """The first bad rows."""
        found: list[Report] = self._get(f"{_PATH}/{import_id}/rows", action="rejected", limit=limit)["items"]
        return found

    def iterate_rejected(self, import_id: str, suffix: str) -> Iterable[bytes]:
        """The bad rows as a file, as it comes."""
        try:
            with self.http.stream("GET", f"{_PATH}/{import_id}/rejected{suffix}") as answer:
                if answer.status_code != 200:
                    answer.read()
                    self._body(answer)
                yield from answer.iter_bytes()
        except httpx.HTTPError as error:
            raise self._away(error) from None

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    def _get(self, path: str, **query: Any) -> Report:
        """A read: tried again where a service that has answered before is away for a moment."""
        for pause in (*_PAUSES, None):
            try:
                answer = self.http.get(path, params=query)
            except httpx.HTTPError as error:
                if pause is None or not self.met:
                    raise self._away(error) from None
            else:
                if pause is None or not self.met or answer.status_code not in _BUSY:
                    return self._body(answer)
            time.sleep(pause)
        raise AssertionError  # the last try returns or raises

    def _post(self, path: str, query: dict[str, Any], **options: Any) -> Report:
        """A write: once. What became of it when the answer is lost, the same command tells."""
        try:
            return self._body(self.http.post(path, params=query, **options))
        except httpx.HTTPError as error:
            raise self._away(error) from None

    def _away(self, error: httpx.HTTPError) -> RefusedError:
        key = "answer_lost" if self.met and not isinstance(error, httpx.ConnectError) else "service_away"
        cause = str(error) or type(error).__name__
        return RefusedError(
            say(key, self.language, url=self.address, cause=cause), say(f"{key}_hint", self.language)
        )

    def _body(self, answer: httpx.Response) -> Report:
        """The body of a good answer; everything else is refused in the words of the service."""
        try:
            body: Report | None = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict) or not {"id", "items", "code"} & body.keys():
            status = answer.status_code
            moved = answer.headers.get("location", "")
            told = f"{status} -> {moved}" if answer.is_redirect else str(status)
            raise RefusedError(say("not_ours", self.language, url=self.address, status=told))
        self.met = True
        if answer.is_success:
            return body
        errors = [Mistake(e["pointer"], e["message"], e["hint"]) for e in body.get("errors", [])]
        raise RefusedError(body["detail"], None, errors, answer.status_code)


def _parts(letter: Letter, sent: Sent) -> Iterator[bytes]:
    """The file as it was when its digest was taken, and not a byte more."""
    left = letter.size
    with letter.path.open("rb") as file:
        while left and (part := file.read(min(_PART, left))):
            left -= len(part)
            yield part
            sent(letter.size - left)
