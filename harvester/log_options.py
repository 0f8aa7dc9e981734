"""`[log]` in `harvester.toml`. Apart from `harvester.logs`, so that reading a configuration stays fast."""

from __future__ import annotations

from typing import Literal

import msgspec

Format = Literal["json", "text"]


class Log(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines for programs about `harvester run` (docs/notify.md): `format` is `json` or `text` (`key=value`).

    They go to `file`, relative to this file, or, as JSON only, to standard error in place of the words for
    people. A file that is moved away is begun anew.
    """

    format: Format | None = None
    file: str | None = None
