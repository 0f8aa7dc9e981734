"""Saved pages: all are proved harmless, none costs a process, none loses a character."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from harvester.extraction import guard
from harvester.extraction.charset import decode_html

CORPUS = Path(os.environ.get("HARVESTER_CORPUS") or Path(__file__).resolve().parents[3] / "shared" / "corpus")
FILES = sorted(CORPUS.glob("*/*.html.gz"))


@pytest.mark.corpus
@pytest.mark.skipif(not FILES, reason=f"no folder of saved pages at {CORPUS}")
def test_every_saved_page_is_proved_and_decoded_whole() -> None:
    """No page of any publisher goes to the worker, and no byte of one is without meaning."""
    doubts, damaged = {}, {}
    for file in FILES:
        decoded = decode_html(gzip.decompress(file.read_bytes()))
        if doubt := guard.doubt(decoded.data):
            doubts[file.name] = doubt
        if decoded.replaced:
            damaged[file.name] = decoded.replaced
    assert doubts == {}
    assert damaged == {}
