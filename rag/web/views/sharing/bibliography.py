"""Hits as records of bibliographies: BibTeX (for LaTeX) and RIS (for Zotero, EndNote and others).

Libraries that write these formats escape nothing, and both are a few lines.
"""

from __future__ import annotations

import hashlib
import re

from rag.types import Hit
from rag.web.views.sharing.citations import cite

# BibTeX counts braces even behind a backslash.
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "#$%&_"},
    }
)
_IN_ADDRESS = str.maketrans({"\\": "%5C", "{": "%7B", "}": "%7D"})
"""BibTeX reads an address as it is, up to the brace that closes it."""
_NO_KEY = re.compile(r"[^a-z0-9]+")


def bibtex(hit: Hit) -> str:
    """Return a hit as a BibTeX entry of type `online`, with its quotation as the annotation."""
    cited = cite(hit)
    fields = {
        "title": cited.title.translate(_LATEX),
        "organization": cited.site.translate(_LATEX),
        "date": cited.day,
        "url": cited.address.translate(_IN_ADDRESS),
        "langid": cited.language.translate(_LATEX),
        "annotation": cited.quotation.translate(_LATEX),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@online{{{_key(hit)},\n{''.join(lines)}}}\n"


def ris(hit: Hit) -> str:
    """Return a hit as an RIS record of type NEWS, with its quotation as a note."""
    cited = cite(hit)
    fields = {
        "TY": "NEWS",
        "ID": _key(hit),
        "TI": cited.title,
        "T2": cited.site,
        "PY": cited.day[:4],
        "DA": cited.day.replace("-", "/"),
        "UR": cited.address,
        "LA": cited.language,
        "N1": cited.quotation,
    }
    lines = [f"{tag}  - {value}\r\n" for tag, value in fields.items() if value]
    return f"{''.join(lines)}ER  - \r\n"


def _key(hit: Hit) -> str:
    """Return a name of a quotation that no other has and that outlives a rebuild."""
    cited = cite(hit)
    digest = hashlib.blake2b(f"{hit.passage.id}\n{cited.quotation}".encode(), digest_size=5).hexdigest()
    site = _NO_KEY.sub("-", cited.site.lower().removeprefix("www."))
    return "-".join(filter(None, [site.strip("-"), cited.day[:4], digest]))
