"""Lines about a run for programs: what happened, with stable keys, as JSON or `key=value`; no secret in them.

People read the words on the terminal; these lines are beside them, or in their place. The standard library's
logging serves: one logger, one handler, a formatter of ours. A file that was moved away by the system's
rotation is begun anew by itself (`WatchedFileHandler`).
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from harvester.errors import StorageError, UsageError
from harvester.intake import secret_params
from harvester.log_options import Format, Log
from harvester.times import utc_text
from harvester.urls import strip_secrets

KEYS: Final = (
    "at", "level", "event", "url", "host", "state", "code", "kind", "id", "record_id", "receiver", "attempts",
    "reason", "until", "duration_s", "message",
)  # fmt: skip
"""The keys that lines have, in their order; a key whose value is unknown is left out."""
_SECRET_PARAMS: Final = frozenset(
    {
        "access_token", "api_key", "apikey", "auth", "key", "password", "pass_ticket", "secret", "sig",
        "signature", "token",
    }
)  # fmt: skip
"""Parameters that carry secrets by custom, beside those that the publishers' rules name."""
_URL: Final = re.compile(r"https?://[^\s<>\"'（）]{1,4096}")
_USER: Final = re.compile(r"(?<=://)[^/?#@\s]{1,500}@")
_PLAIN: Final = re.compile(r"[!#-<>-~]+")
_MAX_CHARS: Final = 4096


class RunLog:
    """Where a run's lines go; nowhere, until `lead` says where."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("harvester.run")
        self._logger.setLevel(logging.INFO)
        self._logger.propagate = False
        self._handler: logging.Handler | None = None
        self._place: tuple[Format | None, Path | None] = (None, None)
        self.on_stderr = False

    @property
    def is_wanted(self) -> bool:
        """Whether lines go anywhere."""
        return self._handler is not None

    def lead(self, form: Format | None, file: Path | None) -> None:
        """Lead lines to a file from now on, or as JSON to standard error; nowhere if neither is wanted.

        Raises `StorageError` for a file that cannot be written: then they go on to where they went.
        """
        if self.is_wanted and (form, file) == self._place:
            return
        on_stderr = file is None and form == "json"
        handler = _handler(file) if file is not None or on_stderr else None
        self.on_stderr = on_stderr
        old, self._handler, self._place = self._handler, handler, (form, file)
        if handler is not None:
            handler.setFormatter(_Lines(form or "text"))
            self._logger.addHandler(handler)
        if old is not None:
            self._logger.removeHandler(old)
            with contextlib.suppress(OSError):  # lines that are lost were said to be
                old.close()

    def tell(self, event: str, *, level: int = logging.INFO, url: str | None = None, **facts: Any) -> None:
        """Write a line; facts that are None are left out. Safe for threads; never raises."""
        if self._handler is None:
            return
        host = facts.pop("host", None) or (_host(url) if url else None)
        given = {"url": url, "host": host, **facts}
        cleaned = {key: _clean(value) for key, value in given.items() if value is not None}
        self._logger.log(level, event, extra={"facts": cleaned})

    def caution(self, event: str, **facts: Any) -> None:
        """Write a line about what somebody should look at."""
        self.tell(event, level=logging.WARNING, **facts)

    def fault(self, event: str, **facts: Any) -> None:
        """Write a line about what went wrong."""
        self.tell(event, level=logging.ERROR, **facts)


SILENT: Final = RunLog()


def chosen(
    settings: Log, config: Path | None, form: str | None, file: Path | None
) -> tuple[Format | None, Path | None]:
    """Return form and file of the lines: the command line's, else the configuration's.

    Raises `UsageError` for another form.
    """
    if form is not None and form not in get_args(Format):
        raise UsageError(f"--log-format: {form!r} is none; there are {', '.join(get_args(Format))}")
    wanted: Format | None = "json" if form == "json" else "text" if form == "text" else settings.format
    if file is None and settings.file is not None:
        file = (config.parent if config else Path()) / Path(settings.file).expanduser()
    return wanted, file


@contextlib.contextmanager
def opened(form: Format | None, file: Path | None) -> Iterator[RunLog]:
    """Open the log of a run: to a file, or as JSON to standard error; none where neither is wanted.

    Raises `StorageError` for a file that cannot be written.
    """
    log = RunLog()
    log.lead(form, file)
    try:
        yield log
    finally:
        log.lead(None, None)


def _handler(file: Path | None) -> logging.Handler:
    if file is None:
        return _Stderr()
    try:
        return _File(file, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise StorageError(f"cannot write the log {file}: {error.strerror}; name another place") from error


class _Quiet(logging.Handler):
    """Says once that lines are lost: a full disk must not fill the terminal, nor stop a run."""

    _said = False

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        if not self._said and sys.stderr is not None:
            self._said = True
            with contextlib.suppress(OSError):
                sys.stderr.write(f"harvester: lines of the log are lost: {sys.exc_info()[1]}\n")


class _File(_Quiet, logging.handlers.WatchedFileHandler):
    pass


class _Stderr(_Quiet, logging.StreamHandler[Any]):
    pass


class _Lines(logging.Formatter):
    def __init__(self, form: Format) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        facts = {
            "at": utc_text(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "event": record.msg,
            **getattr(record, "facts", {}),
        }
        ordered = sorted(facts, key=lambda key: KEYS.index(key) if key in KEYS else len(KEYS))
        if self._form == "json":
            return json.dumps({key: facts[key] for key in ordered}, ensure_ascii=False)
        return " ".join(f"{key}={_quoted(facts[key])}" for key in ordered)


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _clean(value: Any) -> Any:
    """Return a fact without secrets, at most so long, fit for UTF-8."""
    if isinstance(value, float):
        return round(value, 3)
    if not isinstance(value, str):
        return value
    text = _URL.sub(lambda found: without_secrets(found[0]), value[: 2 * _MAX_CHARS])
    return text.encode("utf-8", "backslashreplace").decode()[:_MAX_CHARS]


def without_secrets(url: str) -> str:
    """Return a URL without a user's name and password, and without parameters that carry secrets."""
    return strip_secrets(_USER.sub("", url), _SECRET_PARAMS | secret_params())[0]


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
