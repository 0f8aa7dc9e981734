"""The same page gives the same bytes: whatever the locale, time zone, hash seed and version of Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("digests.py")
OTHER = ROOT / ".other" / "bin" / "python"
EVERY = 4
ENVIRONMENTS = {
    "C, far east": {
        "LANG": "C",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "TZ": "Pacific/Auckland",
        "PYTHONHASHSEED": "1",
    },
    "C.UTF-8, half hours west": {
        "LC_ALL": "C.UTF-8",
        "TZ": "America/St_Johns",
        "PYTHONHASHSEED": "4294967295",
        "PYTHONOPTIMIZE": "2",
    },
}


def digests(python: Path | str, every: int = EVERY, **environment: str) -> list[str]:
    """Return the lines of `digests.py`, run apart in an environment that holds nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [str(python), str(SCRIPT), str(every)],
        env={**kept, **environment, "PYTHONPATH": str(ROOT)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def plain() -> list[str]:
    lines = digests(sys.executable)
    assert len(lines) > 10
    assert {line.split()[1] for line in lines} > {"ok"}
    return lines


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_environments_do_not_matter(plain: list[str], name: str) -> None:
    """Documents of every site and page states are byte for byte equal."""
    assert digests(sys.executable, **ENVIRONMENTS[name]) == plain


def test_another_minor_version_of_python_gives_the_same(plain: list[str]) -> None:
    """With the same versions of the parsers, another Python reads the same bytes out of the same pages."""
    if not OTHER.exists():
        pytest.skip("NO OTHER PYTHON: run `make other-python` (3.12, 3.13 or 3.14 must be installed)")
    code = "import sys; print(sys.version_info[:2])"
    version = subprocess.run([OTHER, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert version != str(sys.version_info[:2])
    needed = (
        "import fixtures.golden, harvester.pipeline, harvester.sites.generic.read, harvester.sites.mfa.read"
    )
    ready = subprocess.run([OTHER, "-c", needed], cwd=ROOT, capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in ready.stderr:
        pytest.skip(
            "STALE OTHER PYTHON: it lacks a library that is needed now; run `make other-python` again"
        )
    other = digests(OTHER, TZ="Pacific/Auckland", LC_ALL="C", PYTHONHASHSEED="7")
    assert other == plain, f"Python {version} differs"


@pytest.mark.slow
def test_every_golden_page_in_every_environment() -> None:
    """The long form: all pages, all environments, and the other Python where there is one."""
    wanted = digests(sys.executable, 1)
    for environment in ENVIRONMENTS.values():
        assert digests(sys.executable, 1, **environment) == wanted
    if OTHER.exists():
        assert digests(OTHER, 1) == wanted
