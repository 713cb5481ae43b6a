"""Article files in the formats that the program reads."""

from __future__ import annotations

GNEWS = (
    "###  [:house:返回](README.md)\n---\n\n\n## [[zh:平壤]]的[标题]\n"
    "`{date}` [轉載自GNews](https://gnews.org/articles/1)\n\n{body}\n"
)
"""A GNews dump with the placeholders `date` and `body`."""


def feed(body: str, title: str = "标题", head: str = "<!--1704372301000-->\n") -> str:
    """Return a feed dump with an HTML body."""
    return f"{head}[{title}](https://news.example/1)\n------\n\n{body}"
