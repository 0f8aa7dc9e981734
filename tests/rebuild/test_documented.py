"""The example of docs/rebuild.md does what the page says, as it is written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.rebuild.conftest import response

Make = Callable[..., list[Path]]
PAGE = Path(__file__).parents[2] / "docs" / "rebuild.md"


def test_a_script_without_its_guard_is_told_so(make: Make, tmp_path: Path) -> None:
    """Its workers come upon the call again while they start: that is said, and not that memory is short."""
    [file] = make([response(1)])
    script = tmp_path / "job.py"
    script.write_text(
        "from pathlib import Path\nfrom harvester.rebuild import rebuild\n"
        "from harvester.engines.pool import Pool\n"
        f"rebuild([{str(file)!r}], Path({str(tmp_path / 'out')!r}), engine=Pool(2))\n",
        encoding="utf-8",
    )
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == 1
    assert '`if __name__ == "__main__":`' in ran.stderr.splitlines()[-1]


def test_the_example_runs_as_a_script(make: Make, tmp_path: Path) -> None:
    """Workers are started anew and import the caller's script: without its guard each began a rebuild."""
    files = make([response(1)], [response(2)])
    folder = tmp_path / "archive-data"
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    script = tmp_path / "job.py"
    script.write_text("".join(blocks), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "{'ok': 2}"), ran.stderr
