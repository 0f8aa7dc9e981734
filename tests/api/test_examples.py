"""The examples of docs/api.md are code that works."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import harvester
from fixtures.golden import cases

from .blocks import blocks, write

ROOT = Path(__file__).parents[2]
JOBS = ROOT / ".api" / "bin" / "python"


def test_every_example_is_type_checked(tmp_path: Path) -> None:
    """mypy --strict finds nothing in them; libraries that bring no types count as unknown."""
    assert set(blocks()) == {"first_steps.py", "pandas_job.py", "spark_job.py", "datatrove_job.py"}
    write(tmp_path)
    options = ("--strict", "--ignore-missing-imports", "--allow-subclassing-any", "--no-error-summary")
    command = [sys.executable, "-m", "mypy", *options, "--cache-dir", ".mypy_cache/examples", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The first example prints what it says, of an article and of another page."""
    article = next(case for case in cases() if case.site == "mfa" and case.facts["state"] == "ok")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").write_bytes(article.small_body())
    code = compile(blocks()["first_steps.py"], "first_steps.py", "exec")
    exec(code, {})
    assert article.facts["title"] in capsys.readouterr().out
    (tmp_path / "page.html").write_bytes(b"<p>")
    exec(code, {})
    assert capsys.readouterr().out.startswith("not an article: unknown")


def test_the_pandas_example(tmp_path: Path) -> None:
    """A row for each page, in its place, whatever the page is."""
    pandas = pytest.importorskip("pandas", reason="NOT RUN: pandas is not installed")
    write(tmp_path)
    spec = importlib.util.spec_from_file_location("pandas_job", tmp_path / "pandas_job.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    few = sorted(cases(), key=lambda case: case.slug)[::9]
    given = pandas.DataFrame(
        {"html": [case.small_body() for case in few], "url": [case.url for case in few]},
        index=range(100, 100 + len(few)),
    )
    made = module.clean(given)
    assert list(made.index) == list(given.index)
    for case, (_, row) in zip(few, made.iterrows(), strict=True):
        found = harvester.extract(case.small_body(), case.url)
        assert row["state"] == found.state
        if isinstance(found, harvester.Document):
            assert (row["title"], row["date"], row["text"]) == (found.title, found.date, found.text)
        else:
            assert pandas.isna(row["text"])
    assert list(module.clean(given.iloc[:0]).columns) == ["state", "title", "date", "text"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["spark", "datatrove"])
def test_the_examples_of_other_engines(name: str) -> None:
    """Run in an environment of their own (`make api-examples`), they give what `extract` gives here."""
    if not JOBS.exists():
        pytest.skip(f"NOT RUN: {name} is not set up; run `make api-examples` (Spark needs Java)")
    command = [str(JOBS), str(Path(__file__).with_name("jobs.py")), name]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-4000:]


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": str(JOBS)}
