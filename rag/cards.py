"""Answers and hits -> the HTML of the page. Whatever an article says is escaped, here and only here."""

from __future__ import annotations

from html import escape

from rag.links import is_web, passage_url
from rag.types import Answer, Hit, Passage, Reprint

_REPRINTS = 5


def show_answer(answer: Answer) -> str:
    """The best-matching sentence, and a card for each passage."""
    if answer.hit is None:
        return show_status("The archive has no passages.")
    best = (
        f'<blockquote class="text" lang="{escape(answer.hit.passage.language)}">'
        f"{escape(answer.text)}</blockquote>"
        f'<p class="note">{_title(answer.hit)}<br>{_about(answer.hit)}</p>'
        '<p class="note">The sentence closest in meaning to your question, as it was published. '
        "It is not checked whether it answers it: the archive may not say.</p>"
    )
    return (
        f'<h2>Best-matching sentence</h2><div class="box answer">{best}</div>'
        f"<h2>Closest passages</h2>{''.join(map(show_card, answer.hits))}"
    )


def show_card(hit: Hit) -> str:
    """A passage with its best sentence marked, its title and links to the source."""
    passage = hit.passage
    start, end = hit.highlight
    before, marked, after = passage.text[:start], passage.text[start:end], passage.text[end:]
    return (
        f'<article class="box hit"><h3 lang="{escape(passage.language)}">{_title(hit)}</h3>'
        f'<p class="note">{_about(hit)}</p>'
        f'<p class="text" lang="{escape(passage.language)}">'
        f"{escape(before)}<mark>{escape(marked)}</mark>{escape(after)}</p>{_passage_link(hit)}"
        f"{_reprints(hit)}</article>"
    )


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
