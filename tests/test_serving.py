"""Which names stand for one content for good: those with a digest or a date in them."""

from __future__ import annotations

import pytest

from harvester.serving import is_lasting

RES = "https://res.wx.qq.com/mmbizappmsg/zh_CN/htmledition/js/assets"


@pytest.mark.parametrize(
    "name",
    [
        "index.mhujrzgy717ad55a.css",
        "_plugin-vue2_normalizer-9c6b8b3d.mhujrzgyf46dd4c3.js",
        "favicon22c41b.ico",
        "style_20210817.css",
    ],
)
def test_names_with_a_digest_or_a_date_last(name: str) -> None:
    """Such a file is never asked for twice."""
    assert is_lasting(f"{RES}/{name}")


@pytest.mark.parametrize(
    "name", ["main2015.js", "view.css", "base_3.css", "jquery.min.js", "bootstrap3.css?v=a1b2c3d4e5", ""]
)
def test_other_names_do_not(name: str) -> None:
    """A year, a version or a query says nothing of the content: the copy is asked about when it is of age."""
    assert not is_lasting(f"{RES}/{name}")
