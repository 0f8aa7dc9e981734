"""What all tests share: the command line as a user has it, run in this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article, statement_repost
from harvester.cli.app import run
from harvester.cli.output import console, messages

# No test judges by the clock: on a busy machine an example may take as long as it takes.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
_SHOWN = "shown"


@dataclass(frozen=True)
class Answer:
    """What a command printed and returned."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> set[str]:
        """Return the findings' codes of `check --json`."""
        return set(self.json["counts"])


@pytest.fixture
def harvester(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run a command in a folder of its own with fresh operational state."""
    monkeypatch.setenv("HARVESTER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("HARVESTER_ARCHIVE", raising=False)
    monkeypatch.chdir(tmp_path)
    for printer in (console, messages):  # kept by a process, and as wide as it was when it was made
        printer.cache_clear()
    (tmp_path / "harvester.toml").write_text("[fetch]\nretry_first_wait_s = 0.01\n", encoding="utf-8")

    def command(*arguments: object) -> Answer:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Answer(code, out, err)

    return command


@pytest.fixture(scope="session")
def pages_archive() -> Callable[[Path], None]:
    """Make `a` in a folder: an archive of two articles and a page that is none, which lie beside it."""
    pages = {
        "0.html": article_page(lighthouse_article(), Recent(era=2026, script_bytes=2_000, nonce="1")),
        "1.html": article_page(statement_repost(), Recent(era=2026, script_bytes=2_000, nonce="1")),
        "2.html": deleted_page(),
    }

    def make(folder: Path) -> None:
        for name, page in pages.items():
            (folder / name).write_bytes(page)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HARVESTER_STATE", str(folder / "state"))
            files = [str(folder / name) for name in pages]
            assert run(["import", *files, "--archive", str(folder / "a")]) == 1  # one is no article

    return make


@pytest.fixture(scope="session")
def start_chromium(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Any]:
    """Start a headless Chromium with a profile of its own and no network but loopback; its user ends it."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("chromium and chromedriver are not installed (Debian: chromium, chromium-driver)")

    def start() -> Any:
        from selenium import webdriver

        options = webdriver.ChromeOptions()
        options.binary_location = program
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1000,1400",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))

    return start


@pytest.fixture
def show(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a text when the suite is done, whatever process it ran in and whether or not the test passes."""

    def keep(text: str) -> None:
        record_property(_SHOWN, text)

    return keep


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests wanted to be shown."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, text in report.user_properties if report.when == "call" else ():
            if name == _SHOWN:
                terminalreporter.section(report.nodeid)
                terminalreporter.write_line(str(text))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name gzipped data by what it is: it holds the time, and each process must collect the same tests."""
    return f"{argname}-gzip" if isinstance(val, bytes) and val.startswith(b"\x1f\x8b") else None
