"""What every page and every address of the server shares: the archive, its name, its limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.web.security.rate_limit import RateLimiter
from rag.writing.settings import WritingSettings


@dataclass(frozen=True)
class Site:
    """An archive that is served.

    `title` is the name that its owner gave it, "" for the usual one; `contact` an address of mail or
    the web, "" for none. `limiter` limits the questions of each visitor. With `has_admin` pages link to
    the admin page; with `has_mcp` there is an MCP server. `feedback` is the file that keeps complaints
    about answers, None to keep none.
    """

    assistant: Assistant
    limiter: RateLimiter = field(default_factory=lambda: RateLimiter(0, 60))
    title: str = ""
    contact: str = ""
    has_admin: bool = False
    has_mcp: bool = False
    feedback: Path | None = None

    @property
    def writing(self) -> WritingSettings | None:
        """The language model that writes answers, translations and whole questions, None for none."""
        return self.assistant.language_model

    def name(self, translate: Translator) -> str:
        """Return the name of the archive."""
        return self.title or translate("page.name")
