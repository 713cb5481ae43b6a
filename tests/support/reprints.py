"""Articles with nearly the same text, and articles with different texts."""

from __future__ import annotations

from opencc import OpenCC

from rag.types import Article
from support.doubles import make_article

TEXT = "".join(
    f"第{n}天，代表团在{place}参观了训练场，听取了汇报。"
    for n, place in enumerate("东南西北中上下左右前后" * 3)
)
OTHER = "".join(
    f"今年第{n}场台风在{place}登陆，学校停课，航班取消。"
    for n, place in enumerate("闽粤琼桂浙沪苏鲁辽冀津")
)


def twin(article: Article, name: str) -> Article:
    """Return a reprint of an article in traditional characters at another site."""
    convert = OpenCC("s2t").convert
    return make_article(
        name,
        convert(article.text),
        title=convert(article.title),
        language="zh-Hant",
        source="b.example",
    )
