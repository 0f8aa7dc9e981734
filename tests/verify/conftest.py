"""Shared by the tests of verify: seeded articles of invented diplomacy, with every telling word marked."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

TEMPLATES = (
    "{name}外交部{attr}，双方于{date}在澄江举行第{num}轮磋商。",
    "{date}，{name}代表团同{name}代表团就{title}的后续安排交换了看法。",
    "双方{mod}在平等基础上推进边境口岸的联合查验，{neg}设置新的壁垒。",
    "{name}{attr}，有关安排{neg}针对第三方，也{neg}影响既有承诺。",
    "截至{date}，共有{num}{unit}救灾物资运抵受灾地区。",
    "双方重申{title}确立的原则，同意设立{num}个联合工作组。",
    "“{quote}”是此次会晤的主题，与会者对此作了深入讨论。",
    "{name}{mod}继续为受影响的群众提供医疗援助，总额为{num}{unit}。",
    "{person}指出，渔业资源的养护{mod}以科学评估为依据。",
    "各方同意加强海上搜救、气象预报、航道测绘等领域的务实合作。",
    "在充分照顾彼此关切的前提下，{name}将恢复中断的邮政班列。",
    "{name}{neg}接受任何外部干预，愿同邻国妥善处理分歧。",
    "据统计，双边贸易额同比增长{num}%，其中农产品占{num}%。",
    "{person}应邀于{date}至下旬对{name}进行正式访问。",
    "会后发表的{title}共{num}条，涵盖粮食、能源与数字互联互通。",
    "双方商定在{date}前完成海关单证的电子化改造，并设立咨询热线。",
    "{name}赞赏{name}在斡旋中发挥的建设性作用。",
    "考虑到山区道路的实际状况，运输车队{mod}分批通过关卡。",
    "青年学者交流计划将扩大到{num}{unit}，并增设古籍修复专业。",
    "双方{neg}同意把技术问题政治化，主张依照{title}协商解决。",
    "关于水文资料，上游{mod}在汛期每日通报两回。",
    "{person}{attr}，“{quote}”一语准确概括了当前形势。",
    "观察员小组由{num}{unit}组成，驻地设在浅湾镇。",
    "与会各方对灯塔维护经费的分摊办法达成谅解。",
    "{name}方面请求延长过渡期，理由是港口疏浚尚需时日。",
    "下一次会晤拟在{name}首都举行，具体日期通过外交渠道商定。",
    "森林防火联络机制运行平稳，边民往来秩序良好。",
    "双方还就博物馆藏品互换展览、影视译制等事宜广泛交换意见。",
    "如遇争端，任何一方{mod}向仲裁小组提出书面申请。",
    "本声明用两种文字写成，两种文本同等作准。",
)

WORDS = {
    "name": ["北岚共和国", "南屿联邦", "东澜王国", "赤岭省", "苍梧湾", "青屏岛"],
    "attr": ["表示", "指出", "强调", "重申"],
    "mod": ["应当", "必须", "可以", "将", "愿"],
    "neg": ["不", "未", "并非", "没有"],
    "unit": ["吨", "公里", "美元", "人次", "公顷"],
    "title": ["《浅湾宣言》", "《界河航运协定》", "《睦邻公约》", "《群岛备忘录》"],
    "quote": ["同舟共济", "睦邻为伴", "求同存异", "守望互助"],
    "person": ["弗洛伦·塔维奇总统", "阿米尔·科斯塔外长", "梅洛·迪亚斯总理"],
}
"""Alternatives for a slot; two of one slot share no characters but at the ends."""


@dataclass
class Token:
    """A piece of a sentence: `original` stands in the original, `captured` in the capture."""

    original: str
    kind: str
    captured: str = field(default="")

    def __post_init__(self) -> None:
        self.captured = self.captured or self.original


Sentence = list[Token]
Article = list[list[Sentence]]


def fill(kind: str, chance: random.Random) -> str:
    """Return a word for a slot."""
    if kind == "date":
        return f"{chance.randint(2001, 2029)}年{chance.randint(1, 12)}月{chance.randint(1, 28)}日"
    if kind == "num":
        return chance.choice(
            [str(chance.randint(2, 98)), str(chance.randint(1_100, 99_000)), f"{chance.randint(2, 900)}万"]
        )
    return chance.choice(WORDS[kind])


def sentence(template: str, chance: random.Random) -> Sentence:
    """Fill one template."""
    tokens: Sentence = []
    for piece in template.replace("{", "}").split("}"):
        slot = piece in WORDS or piece in ("date", "num")
        if piece:
            tokens.append(Token(fill(piece, chance), piece) if slot else Token(piece, "plain"))
    return tokens


def article(chance: random.Random) -> Article:
    """Return paragraphs of sentences; no template stands twice in one article."""
    templates = chance.sample(TEMPLATES, chance.randint(9, 24))
    sentences = [sentence(template, chance) for template in templates]
    paragraphs: Article = []
    while sentences:
        size = chance.randint(1, 4)
        paragraphs.append(sentences[:size])
        sentences = sentences[size:]
    return paragraphs


@pytest.fixture(scope="session")
def make_article() -> Callable[[random.Random], Article]:
    return article


@pytest.fixture(scope="session")
def refill() -> Callable[[str, random.Random], str]:
    return fill


@pytest.fixture(scope="session")
def make_sentence() -> Callable[[random.Random], Sentence]:
    extra = [
        "{name}还宣布为测绘培训提供{num}个名额，学员由各省遴选。",
        "与会专家另就珊瑚礁修复的试点方案作了专题报告。",
        "部分港口的夜间引航服务自{date}起暂行调整。",
    ]
    return lambda chance: sentence(chance.choice(extra), chance)
