"""What is found for a question as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urljoin

from markupsafe import Markup

from rag.answering import no_answer
from rag.i18n.translator import Translator
from rag.types import Answer, Hit, Passage, Reprint
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.query import NEWEST, Query
from rag.web.views.results.found import Found, in_order
from rag.web.views.sharing.citations import is_web

_MOST_ENTRIES = 20
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that an XML document cannot contain, escaped or not."""
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of an article without one: Atom needs a time, and it must not change with a build."""


class Entry(NamedTuple):
    """An article in a feed."""

    id: str
    passage: Passage
    updated: datetime
    address: str
    sentence: str
    answer: str


def show_feed(
    query: Query,
    answer: Answer,
    found: Sequence[Found],
    *,
    name: str,
    site: str,
    built: datetime,
    translate: Translator,
) -> Markup:
    """Return the feed of a question: the articles that match it best, newest first.

    `name` is the name of the archive, `site` the address of its server. `built` is the time of a feed
    without entries.
    """
    best = in_order(_by_article(_matching(found)), NEWEST, lambda each: each.hit.passage)
    entries = [_entry(each, answer, site) for each in best]
    address = query.address(order="")
    content = render(
        "feed.xml",
        translate,
        id=_identifier(f"/feed{address}"),
        name=name,
        question=query.question,
        site=site.rstrip("/"),
        address=address,
        updated=max((entry.updated for entry in entries), default=built),
        entries=entries,
    )
    return Markup(_NOT_XML.sub("", content))


def _matching(found: Sequence[Found]) -> list[Found]:
    """Return the passages that match about as well as the best one, and those with an answer.

    Whatever is asked, most of what a search returns hardly matches. A passage counts if its score is
    nearer to the highest than to the lowest. As an archive grows both scores rise, so what was left
    out stays out.
    """
    scores = [each.hit.score for each in found]
    enough = (max(scores, default=0.0) + min(scores, default=0.0)) / 2
    return [each for each in found if each.answer or each.hit.score >= enough]


def _by_article(found: Iterable[Found]) -> list[Found]:
    """Return one passage of each of the best articles: the one with an answer, or the best one."""
    ranked = sorted(found, key=lambda each: each.rank)
    articles = list(dict.fromkeys(each.hit.passage.article_id for each in ranked))[:_MOST_ENTRIES]
    best = {
        each.hit.passage.article_id: each
        for each in sorted(ranked, key=lambda each: (bool(each.answer), -each.rank))
    }
    return [best[article] for article in articles]


def _entry(found: Found, answer: Answer, site: str) -> Entry:
    passage = found.hit.passage
    own_page = urljoin(site, article_address(passage.article_id))
    return Entry(
        id=_identifier(article_address(_first_report(found.hit).article_id)),
        passage=passage,
        updated=passage.published or _UNDATED,
        address=passage.url if is_web(passage.url) else own_page,
        sentence=passage.text[slice(*found.hit.highlight)].strip(),
        answer=answer.text if _is_told(answer, passage) else "",
    )


def _is_told(answer: Answer, passage: Passage) -> bool:
    """Whether a passage has an answer that can stand before its sentence: short, and not unsure."""
    is_here = answer.hit is not None and answer.hit.passage.id == passage.id
    return is_here and answer.kind == "span" and not no_answer.is_unsure(answer.confidence)


def _first_report(hit: Hit) -> Passage | Reprint:
    """Return the earliest of the near-duplicates, so that no later reprint becomes a new entry."""
    reports: list[Passage | Reprint] = [hit.passage, *hit.reprints]
    return min(reports, key=lambda each: (each.published or _UNDATED, each.article_id))


def _identifier(address: str) -> str:
    """Return an identifier that does not depend on the name by which the server is reached."""
    return uuid.uuid5(uuid.NAMESPACE_URL, address).urn
