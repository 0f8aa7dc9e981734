"""Shortcuts to one page: .url (Windows), .webloc (macOS; XML and binary property lists), .desktop."""

from __future__ import annotations

import configparser
import plistlib
from pathlib import PurePath
from typing import Final

from harvester.errors import UsageError
from harvester.links.named import Gathering

_MAX_BYTES: Final = 1 << 20


def read_sections(text: str, name: str, section: str, into: Gathering) -> None:
    """Gather the URL of a .url or .desktop file, whose section (in lower case, with brackets) is given.

    Raises `UsageError` for a file that cannot be read.
    """
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), allow_no_value=True)
    try:
        parser.read_string(_from_section(text[:_MAX_BYTES], section))
    except configparser.Error as error:
        raise UsageError(f"{name} cannot be read as a shortcut: {' '.join(str(error).split())}") from error
    found = next((dict(parser[one]) for one in parser.sections() if f"[{one.lower()}]" == section), {})
    url = found.get("url")
    if not url:
        into.skip("", "the shortcut names no URL")
        return
    title = found.get("name[zh_cn]") or found.get("name") or PurePath(name).stem
    into.add(url.strip("\"'"), "", title=title)


def read_plist(data: bytes, name: str, into: Gathering) -> None:
    """Gather the URL of a .webloc file. Raises `UsageError` for a file that cannot be read."""
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{name} is too large for a shortcut")
    try:
        value = plistlib.loads(data)
    except Exception as error:  # plistlib lets faults of many kinds through for damaged files
        raise UsageError(
            f"{name} cannot be read as a property list: {str(error) or type(error).__name__}"
        ) from error
    url = value.get("URL") if isinstance(value, dict) else None
    if isinstance(url, str):
        into.add(url, "", title=PurePath(name).stem)
    else:
        into.skip("", "the property list names no URL")


def _from_section(text: str, section: str) -> str:
    """Return the text from its section on: what stands before it (a `#!` line) is none of it."""
    at = text.lower().find(section)
    return text[max(at, 0) :]
