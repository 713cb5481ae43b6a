"""Answers and hits -> HTML. Whatever an article says is escaped, here and in `facets.py` only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from rag.answering import no_answer
from rag.i18n.translator import Translator
from rag.types import Answer, Hit, Passage, Reprint, Span
from rag.web.views.citations import is_web, passage_url

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#!|~&]|^[-+=]|^\d{1,9}(?=\.)")
"""What Markdown may take for its own: anywhere, and where a line begins as a list or a rule does."""
_IN_ADDRESS = {ord("<"): "%3C", ord(">"): "%3E", ord("\\"): "%5C"}
_ENTITY = re.compile(r"&(?=#?\w+;)")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_REPRINTS = 20


class Context(NamedTuple):
    """The passages before and after one in its article, where there are any."""

    before: Passage | None
    after: Passage | None


def show_answer(answer: Answer, words: Translator) -> str:
    """The answer with its source, or that there is none; then what other articles say."""
    if answer.hit is None:
        phrase = no_answer.no_answer(answer.question)
        return (
            f'<section class="box answer"><p class="absent" lang="{phrase.language}" '
            f'dir="{phrase.direction}">{escape(phrase.text)}</p></section>'
        )
    others = "".join(
        f"<li>{_quote(other.text, other.hit, words)}</li>" for other in answer.alternatives
    )
    likelihood = words(no_answer.confidence_key(answer.confidence))
    return (
        f'<section><h2>{words("page.answer")}</h2><div class="box answer">'
        f'{_quote(answer.text, answer.hit, words)}<p class="note">{likelihood}</p></div></section>'
        + (
            f'<section><h2>{words("page.others")}</h2><ul class="box others">{others}</ul></section>'
            if others
            else ""
        )
    )


def marked(answer: Answer) -> dict[str, Span]:
    """Where each passage holds the answer or a differing one, by the passage's id."""
    return {hit.passage.id: (start, end) for hit, start, end in _places(answer)}


def _places(answer: Answer) -> Iterator[tuple[Hit, int, int]]:
    if answer.hit:
        yield answer.hit, answer.start, answer.end
    for other in answer.alternatives:
        yield other.hit, other.start, other.end


def _quote(text: str, hit: Hit, words: Translator) -> str:
    """An answer as it was published, with the title and the date of its article."""
    passage = hit.passage
    return (
        f'<blockquote class="text" lang="{escape(passage.language)}">{escape(text)}</blockquote>'
        f'<p class="note">{_linked(passage, words)}<br>{_origin(passage, words)}</p>'
    )


def show_card(
    hit: Hit, words: Translator, answer: Span | None = None, context: Context | None = None
) -> str:
    """A passage with its best sentence and its answer marked, what is around it, and its source."""
    passage = hit.passage
    before, after = context or Context(None, None)
    actions = [_open(hit, words), *_copies(hit, words)]
    if before or after:
        actions.append(
            f'<button type="button" data-more aria-expanded="false">{words("page.more")}</button>'
        )
    return (
        f'<article class="box hit"><h3 lang="{escape(passage.language)}">{_linked(passage, words)}</h3>'
        f'<p class="note">{_about(hit, words)}</p>'
        f"{_around(before, words('page.before'))}"
        f'<p class="text" lang="{escape(passage.language)}">'
        f"{_marked(passage.text, hit.highlight, answer)}</p>"
        f"{_around(after, words('page.after'))}"
        f'<p class="actions">{"".join(actions)}</p>{_reprints(hit.reprints, words)}</article>'
    )


def _marked(text: str, sentence: Span, answer: Span | None) -> str:
    """A text with its best sentence shaded and the answer, in it or not, marked."""
    cuts = sorted({0, len(text), *sentence, *(answer or ())})
    pieces = []
    for start, end in pairwise(cuts):
        piece = escape(text[start:end])
        if answer and answer[0] <= start < answer[1]:
            piece = f"<mark>{piece}</mark>"
        elif sentence[0] <= start < sentence[1]:
            piece = f'<span class="sentence">{piece}</span>'
        pieces.append(piece)
    return "".join(pieces)


def _around(passage: Passage | None, label: str) -> str:
    if passage is None:
        return ""
    return (
        f'<div class="context" hidden><p class="note">{label}</p>'
        f'<p class="text" lang="{escape(passage.language)}">{escape(passage.text)}</p></div>'
    )


def _reprints(reprints: Sequence[Reprint], words: Translator) -> str:
    if not reprints:
        return ""
    others = "".join(
        f"<li>{_linked(other, words)}<br>{_origin(other, words)}</li>" for other in reprints[:_REPRINTS]
    )
    if len(reprints) > _REPRINTS:
        others += (
            f"<li>{words('page.more-outlets', count=words.number(len(reprints) - _REPRINTS))}</li>"
        )
    summary = words("page.other-outlets", count=words.number(len(reprints)))
    return (
        f'<details class="reprints"><summary>{summary}</summary>'
        f'<ul class="note">{others}</ul></details>'
    )


def _about(hit: Hit, words: Translator) -> str:
    language = f"<bdi>{escape(words.language(hit.passage.language))}</bdi>"
    score = words("page.score", score=f"{hit.score:.2f}")
    return f"{_origin(hit.passage, words)} · {language} · {score}"


def _origin(article: Passage | Reprint, words: Translator) -> str:
    source = f"<bdi>{escape(article.source)}</bdi>" if article.source else words("page.no-source")
    if not article.published:
        return f"{source} · {words('page.no-date')}"
    moment = article.published
    return f'{source} · <time datetime="{moment.isoformat()}">{moment:%Y-%m-%d}</time>'


def _copies(hit: Hit, words: Translator) -> Iterator[str]:
    """Buttons that copy what is quoted and where from; the page's script does it."""
    passage = hit.passage
    quoted = _in_a_line(passage.text[slice(*hit.highlight)])
    title = _in_a_line(passage.title or passage.article_id)
    date = passage.published.strftime("%Y-%m-%d") if passage.published else ""
    where = [part for part in (_in_a_line(passage.source), date) if part]
    address = _in_a_line(passage.url) if is_web(passage.url) else ""
    plain = f"“{quoted}” — {', '.join([title, *where])}{address and f'. {address}'}"
    name = _as_markdown(title)
    if address:
        address = _ENTITY.sub(r"\\&", address.translate(_IN_ADDRESS))
        name = f"[{name}](<{address}>)"
    markdown = f"> {_as_markdown(quoted)}\n>\n> — {', '.join([name, *map(_as_markdown, where)])}"
    for key, text in (("citation", plain), ("citation-markdown", markdown)):
        yield f'<button type="button" data-copy="{escape(text)}">{words(f"page.{key}")}</button>'


def _in_a_line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())


def _as_markdown(line: str) -> str:
    return _MARKDOWN.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", line)


def _open(hit: Hit, words: Translator) -> str:
    if not is_web(hit.passage.url):
        return ""
    address = passage_url(hit.passage.url, hit.passage.text, hit.highlight)
    return _link(address, words("page.open"), words)


def _linked(article: Passage | Reprint, words: Translator) -> str:
    """The title of an article, with its link where it has one."""
    content = f"<bdi>{escape(article.title or article.article_id)}</bdi>"
    return _link(article.url, content, words) if is_web(article.url) else content


def _link(address: str, content: str, words: Translator) -> str:
    return (
        f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer" '
        f'title="{words("page.new-window")}">{content}</a>'
    )


def show_status(message: str) -> str:
    """A line about what is going on."""
    return f'<p class="box status" tabindex="-1">{escape(message)}</p>'


def show_error(message: str) -> str:
    """A line about what went wrong."""
    return f'<p class="box error" role="alert" tabindex="-1">{escape(message)}</p>'
