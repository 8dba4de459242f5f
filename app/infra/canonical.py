"""Canonical JSON (RFC 8785) and its digest: the same data are the same bytes everywhere."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical_bytes(content: Any) -> bytes:
    """Plain data as canonical JSON. Raises ValueError for what JSON cannot say exactly."""
    try:
        return rfc8785.dumps(content)
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def digest_of(content: bytes) -> str:
    """SHA-256 as lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def join_members(members: Mapping[str, bytes]) -> bytes:
    """A canonical object of members that are canonical already; names in ASCII."""
    return b"{" + b",".join(canonical_bytes(n) + b":" + members[n] for n in sorted(members)) + b"}"
