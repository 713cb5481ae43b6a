"""Plain text and Markdown -> HTML, which the reader of pages takes apart.

Markdown is CommonMark with tables and struck-out text. The marks of Obsidian, of footnotes and of the
templates of site generators are left out.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from rag.ingest import dates
from rag.ingest.texts import hard_wraps
from rag.ingest.texts.hard_wraps import Block

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

_TITLE_CHARACTERS = 100
_HEADING = re.compile(
    r"\s*(?:#{1,6}[ \t]+(?P<atx>[^\n]+)(?:\n|$)|(?P<setext>[^\n]+)\n(?:=+|-+)[ \t]*(?:\n|$))"
)
_CLOSING_MARKS = re.compile(r"[ \t]#{1,6}$")
_LEFT_OUT = re.compile(
    r"\{(?:\{[<%]|%)[^{}]{0,2000}(?:[>%]\}|%)\}"  # a template tag of Hugo or Jekyll
    r"|(?<!\d)%%(?:[^%]|%(?!%)){1,5000}%%",  # a comment of Obsidian
)
_FOOTNOTE = re.compile(r"^\[\^[^\]\s]{1,50}\]:[ \t]*", re.MULTILINE)
_MARKS = (
    (
        re.compile(r"^\[!\w{1,30}\][+-]?[ \t]*([^\n]+)\n"),
        "\\1\\\\\n",
    ),  # the title of a callout is a line
    (re.compile(r"^\[!\w{1,30}\][+-]?\s*"), ""),
    (re.compile(r"!\[\[[^\[\]\n]{0,500}\]\]"), ""),
    (re.compile(r"\[\[#?(?:[^\[\]|\n]{0,500}\|)?([^\[\]|\n]{1,500})\]\](?!\()"), r"\1"),
    (re.compile(r"\[\^[^\]\s]{1,50}\]"), ""),
    (re.compile(r"(?<![=A-Za-z0-9_])==(?=\S)([^=\n]{1,1000})(?<=\S)==(?![=A-Za-z0-9_])"), r"\1"),
)


def to_html(content: str, *, is_markdown: bool) -> str:
    """Render a text. Lines stay lines, except where hard wrapping broke a paragraph."""
    if is_markdown:
        return str(_parser().render(_FOOTNOTE.sub("\n", _LEFT_OUT.sub("", content))))
    lines = (line for block in hard_wraps.unwrap(list(hard_wraps.blocks_of(content))) for line in block)
    return "<br>".join(map(html.escape, lines))


def split_title(content: str, stem: str, *, is_markdown: bool) -> tuple[str, str]:
    """Split a text into its title and the rest.

    The title is the first heading, or a short first line of plain text above a blank one that is no
    date, else `stem`.
    """
    if heading := _HEADING.match(content):
        title = _CLOSING_MARKS.sub("", (heading["atx"] or heading["setext"]).rstrip())
        title = _plain(title) if is_markdown else title
        return title or stem, content[heading.end() :] or title
    first, _, rest = content.lstrip().partition("\n")
    is_short = len(first) <= _TITLE_CHARACTERS and not dates.is_date(first)
    is_apart = rest.startswith("\n") or dates.is_date(rest.partition("\n")[0])
    if not is_markdown and is_short and is_apart and rest.strip():
        return first, rest
    return stem, content


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"breaks": True, "html": True}).enable(["table", "strikethrough"])
    # Between the two passes paragraphs are known, and code is not among them.
    parser.core.ruler.after("block", "prose", _rewrite)
    return parser


def _rewrite(state: StateCore) -> None:
    paragraphs = []
    for previous, token in zip([None, *state.tokens], state.tokens, strict=False):
        if token.type == "inline":
            token.content = _without_marks(token.content)
            if previous and previous.type == "paragraph_open":
                paragraphs.append(token)
    source = state.src.split("\n")
    blocks = [_block(token, source) for token in paragraphs]
    for token, lines in zip(paragraphs, hard_wraps.unwrap(blocks), strict=True):
        token.content = "\n".join(lines)


def _block(token: Token, source: list[str]) -> Block:
    """Return the lines of a paragraph; its margin is what a list or a quotation puts before them."""
    lines = token.content.split("\n")
    whole = source[token.map[0]] if token.map else ""
    return Block(lines, max(whole.find(lines[0][:20]), 0))


def _without_marks(text: str) -> str:
    for form, replacement in _MARKS:
        text = form.sub(replacement, text)
    return text


def _plain(markdown: str) -> str:
    """Return the text of a line of Markdown without its marks and what it strikes out."""
    (token,) = _parser().parseInline(_without_marks(markdown))
    texts, depth = [], 0
    for child in token.children or []:
        depth += {"s_open": 1, "s_close": -1}.get(child.type, 0)
        if child.type in ("text", "code_inline") and not depth:
            texts.append(child.content)
    return "".join(texts).strip()
