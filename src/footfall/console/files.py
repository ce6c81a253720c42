"""The files that pages refer to: their address holds a digest of their content, so that browsers keep them for good."""

import hashlib
from importlib.resources import files

import msgspec

_TYPES = {
    "console.css": "text/css; charset=utf-8",
    "tail.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


class File(msgspec.Struct, frozen=True):
    """A file of the package."""

    content: bytes
    media_type: str
    digest: str


def _load(name: str) -> File:
    content = (files("footfall.console") / "static" / name).read_bytes()
    return File(content, _TYPES[name], hashlib.blake2b(content, digest_size=8).hexdigest())


FILES = {name: _load(name) for name in _TYPES}


def address(name: str) -> str:
    """Where a page finds the file."""
    return f"/console/static/{name}?v={FILES[name].digest}"
