"""The page that Gradio sends, made the site's own: its name, its description, its icon, its footer.

Gradio's page has no content before its script runs, and names Gradio wherever it is shared.
"""

from __future__ import annotations

import re

from starlette.requests import Request

from rag.i18n.translator import Translator
from rag.web.frame import ADMIN, show_footer, show_head
from rag.web.rendering import render
from rag.web.request_language import translator_of
from rag.web.site import Site
from rag.web.views.query import Query

_MARK = b"window.gradio_config"
_FOREIGN = re.compile(
    rb"""<meta\s{1,9}(?:property="og:|name="twitter:)[^>]{0,900}>|<link\ rel="manifest"[^>]{0,99}>""",
    re.VERBOSE,
)
_LANGUAGE = b'lang="en"'
# Else Gradio sets the title that the page has in every language and for every question.
_KEEPS_TITLE = (b'control_page_title="true"', b'control_page_title="false"')


def own_page(site: Site, request: Request, page: bytes) -> bytes:
    """Return a page that Gradio has sent in the frame of the site; any other page as it is."""
    if _MARK not in page:
        return page
    translate = translator_of(request)
    head = _head(site, request, translate).encode()
    foot = f'<div id="foot">{show_footer(site, translate)}</div>'
    parts = (render("noscript.html", translate, name=site.name(translate)), foot)
    page = _FOREIGN.sub(b"", page).replace(*_KEEPS_TITLE, 1)
    page = page.replace(_LANGUAGE, f'lang="{translate.locale}"'.encode(), 1)
    page = page.replace(b"<head>", b"<head>" + head, 1)
    before, end, after = page.rpartition(b"</body>")
    return before + "".join(parts).encode() + end + after


def _head(site: Site, request: Request, translate: Translator) -> str:
    """Our script comes first: Gradio looks for the language of the page as soon as it starts."""
    is_admin = request.url.path.startswith(f"{ADMIN}/")
    question = Query.parse(request.url.query).question
    title = translate("page.admin") if is_admin else question
    return render("gradio_head.html", translate, head=show_head(site, translate, title or "", root="."))
