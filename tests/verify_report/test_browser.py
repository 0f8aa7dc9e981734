"""The report in a real browser: nothing is asked for, nothing runs, nothing is wider than the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HOSTILE = (
    "外交部<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">表示反对。\n"
    + "x" * 3000
    + "\n"
    + "双方决定建立联合观测站，首批建设二十座，必须在年底前完成，不得拖延。\n" * 30
)


@pytest.fixture(scope="module")
def browser(start_chromium: Callable[[], Any]) -> Iterator[Any]:
    started = start_chromium()
    yield started
    started.quit()


@pytest.fixture
def shown(browser: Any, report: Callable[..., str], tmp_path: Path) -> Any:
    """A hostile pair, shown."""
    page = tmp_path / "report.html"
    page.write_text(
        report(HOSTILE, HOSTILE.replace("二十", "三十", 3).replace("反对", "同意")), encoding="utf-8"
    )
    browser.get(page.as_uri())
    return browser


@pytest.mark.parametrize(("width", "columns"), [(1280, 2), (390, 1)])
def test_fits_the_window(shown: Any, width: int, columns: int) -> None:
    """On a desk the texts stand side by side, on a phone below each other; nothing is scrolled sideways."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    shown.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert shown.execute_script("return document.documentElement.scrollWidth") <= width
    tops = shown.execute_script(
        "return [...document.querySelectorAll('.texts tbody tr:first-child td')]"
        ".map(cell => cell.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == (1 if columns == 2 else 2)


def test_asks_for_nothing_and_runs_nothing(shown: Any) -> None:
    """No request follows the file itself, no script of a text runs, and the browser has no complaint."""
    assert shown.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert shown.title != "run"
    assert "<script>document.title='run'</script>" in shown.page_source.replace("&lt;", "<").replace(
        "&gt;", ">"
    )
    assert not shown.get_log("browser")


def test_only_what_differs(shown: Any) -> None:
    """The switch hides what is the same on a screen, and only there: what is printed is whole."""
    hidden = "return [...document.querySelectorAll('.texts .same')].filter(row => !row.offsetHeight).length"
    assert shown.execute_script(hidden) == 0
    shown.find_element("css selector", "label[for=only]").click()
    same = shown.execute_script("return document.querySelectorAll('.texts .same').length")
    assert same > 20
    assert shown.execute_script(hidden) == same
    shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert shown.execute_script(hidden) == 0
    shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
