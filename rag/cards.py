"""Answers and hits -> the HTML of the page. Whatever an article says is escaped, here and only here."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from rag import phrases
from rag.links import is_web, passage_url
from rag.types import Answer, Hit, Passage, Reprint, Span

_REPRINTS = 5


def show_answer(answer: Answer) -> str:
    """The answer, or that there is none; what other articles say; and a card for each passage."""
    if not answer.hits:
        return show_status("The archive has no passages.")
    spans = {hit.passage.id: (start, end) for hit, start, end in _places(answer)}
    passages = "".join(show_card(hit, spans.get(hit.passage.id)) for hit in answer.hits)
    if answer.hit is None:
        phrase = phrases.absent(answer.question)
        said = (
            f'<p class="absent" lang="{phrase.language}" dir="{phrase.direction}">'
            f"{escape(phrase.text)}</p>"
        )
        return f'<div class="box answer" role="status">{said}</div><h2>Closest passages</h2>{passages}'
    others = "".join(f"<li>{_quote(other.text, other.hit)}</li>" for other in answer.alternatives)
    return (
        f'<h2>Answer</h2><div class="box answer">{_quote(answer.text, answer.hit)}'
        f'<p class="note">{phrases.likelihood(answer.confidence)}</p></div>'
        + (f'<h2>Other articles say</h2><ul class="box others">{others}</ul>' if others else "")
        + f"<h2>Passages</h2>{passages}"
    )


def _places(answer: Answer) -> Iterator[tuple[Hit, int, int]]:
    if answer.hit:
        yield answer.hit, answer.start, answer.end
    for other in answer.alternatives:
        yield other.hit, other.start, other.end


def _quote(text: str, hit: Hit) -> str:
    """An answer as it was published, with the title and the date of its article."""
    return (
        f'<blockquote class="text" lang="{escape(hit.passage.language)}">{escape(text)}</blockquote>'
        f'<p class="note">{_title(hit)}<br>{_origin(hit.passage)}</p>'
    )


def show_card(hit: Hit, answer: Span | None = None) -> str:
    """A passage with its best sentence and its answer marked, its title and links to the source."""
    passage = hit.passage
    return (
        f'<article class="box hit"><h3 lang="{escape(passage.language)}">{_title(hit)}</h3>'
        f'<p class="note">{_about(hit)}</p>'
        f'<p class="text" lang="{escape(passage.language)}">'
        f"{_marked(passage.text, hit.highlight, answer)}</p>{_passage_link(hit)}"
        f"{_reprints(hit)}</article>"
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


def _title(hit: Hit) -> str:
    return _named(hit.passage.url, hit.passage.title or hit.passage.article_id)


def _named(address: str, name: str) -> str:
    """A name, with its link where it has one."""
    content = f"<bdi>{escape(name)}</bdi>"
    return _link(address, content) if is_web(address) else content


def _reprints(hit: Hit) -> str:
    if not hit.reprints:
        return ""
    others = "; ".join(
        f"{_named(other.url, other.title or other.article_id)} ({_origin(other)})"
        for other in hit.reprints[:_REPRINTS]
    )
    if len(hit.reprints) > _REPRINTS:
        others += f" and {len(hit.reprints) - _REPRINTS} more"
    return f'<p class="note">In nearly the same words: {others}</p>'


def _about(hit: Hit) -> str:
    return f"{_origin(hit.passage)} · score {hit.score:.2f}"


def _origin(article: Passage | Reprint) -> str:
    date = article.published.strftime("%Y-%m-%d") if article.published else "no date"
    return f"{escape(article.source or 'no source')} · {date}"


def _passage_link(hit: Hit) -> str:
    if not is_web(hit.passage.url):
        return ""
    address = passage_url(hit.passage.url, hit.passage.text, hit.highlight)
    return f'<p class="note">{_link(address, "Open the source at this passage")}</p>'


def _link(address: str, content: str) -> str:
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{content}</a>'


def show_status(message: str) -> str:
    """A line about what is going on."""
    return f'<div class="box status" role="status">{escape(message)}</div>'


def show_error(message: str) -> str:
    """A line about what went wrong."""
    return f'<div class="box error" role="alert">{escape(message)}</div>'
