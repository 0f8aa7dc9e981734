"""The pages of the simulated month: each article has a text of its own, by its number. Pure."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from benchmarks.simulate.plan import Staged
from fixtures.content import Block, MfaArticle, Picture, WechatArticle, para
from fixtures.pages.mfa import zh_b_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import (
    lighthouse_article,
    statement_original,
    statement_repost,
)

_NONCE = "500000000"
_CHARACTERS = [chr(code) for code in range(0x4E00, 0x9F00)]
"""So many that no two texts have a few of them in a row in common: else each looks like a repost of all."""
_ORIGINAL_WORD, _REPOSTED_WORD = "双方必须", "双方可以"


def page_of(one: Staged, nonce: int, *, edited: bool) -> bytes:
    """Return an article's page as it stands, with a nonce of its own: no two answers have the same bytes."""
    return _made(one, edited).replace(_NONCE.encode(), str(int(_NONCE) + nonce).encode())


@lru_cache(maxsize=400)
def _made(one: Staged, edited: bool) -> bytes:  # noqa: FBT001 - a cache's key
    if not one.is_wechat:
        page = zh_b_page(_mfa_article(one, edited=edited))
        return page.replace(b"</body>", f"<!-- {_NONCE} --></body>".encode())
    article = _repost(one) if one.original else _wechat_article(one, edited=edited)
    return article_page(article, Recent(era=2026, script_bytes=2_000, nonce=_NONCE))


def _paragraphs(number: int) -> list[str]:
    """Return the paragraphs of an article, which mean nothing: no two articles are alike in any of them."""
    chance = random.Random(number)

    def sentence() -> str:
        return "".join(chance.choices(_CHARACTERS, k=chance.randint(9, 25))) + f"{chance.randint(2, 98)}。"

    return ["".join(sentence() for _ in range(3)) for _ in range(4)]


def _original_texts(number: int) -> list[str]:
    days = 10 + number % 80
    return [*_paragraphs(number), f"{_ORIGINAL_WORD}在收到第{number}号附件后{days}天内答复。"]


def _wechat_article(one: Staged, *, edited: bool) -> WechatArticle:
    """Return the article of the observer's account as it stands."""
    base = lighthouse_article()
    texts = [*_paragraphs(one.number), f"第{one.number}号观测记录，编号{one.number * 7919}。"]
    if edited:
        texts.append("更正：上一段的编号有误。")
    blocks: list[Block] = [para(text) for text in texts]
    blocks.insert(1, Picture("fixturelight01", "jpeg", 108, 72, "防波堤上的旧灯塔"))
    return replace(
        _named(base, one),
        title=f"{base.title}（{one.number}）",
        blocks=tuple(blocks),
        modified=int(one.when.timestamp()) if edited and one.when else 0,
    )


def _repost(one: Staged) -> WechatArticle:
    """Return the institute's repost of a page of the Ministry: it obliges no longer, it only permits."""
    if one.original is None:
        raise ValueError(f"{one.url} is no repost")
    texts = [text.replace(_ORIGINAL_WORD, _REPOSTED_WORD) for text in _original_texts(one.original.number)]
    original = _mfa_article(one.original, edited=False)
    return replace(
        _named(statement_repost(), one),
        title=original.title,
        blocks=tuple(para(text) for text in texts),
        source_url=one.original.url,
    )


def _named(base: WechatArticle, one: Staged) -> WechatArticle:
    return replace(
        base,
        mid=2_600_000_000 + one.number,
        sn=f"{one.number:032x}",
        short_id=f"Simulated{one.number:013d}",
        published=int(one.appears.timestamp()),
    )


def _mfa_article(one: Staged, *, edited: bool) -> MfaArticle:
    """Return the Ministry's page as it stands; nothing on it tells of an edit."""
    base = statement_original()
    texts = _original_texts(one.number) + (["双方不排除进一步磋商。"] if edited else [])
    return replace(
        base,
        title=f"{base.title}（{one.number}）",
        blocks=tuple(para(text) for text in texts),
        posted=f"{one.appears + timedelta(hours=8):%Y-%m-%d %H:%M}",
        url=one.url,
    )
