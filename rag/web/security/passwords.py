"""Checks passwords, and limits how many an IP address can try."""

from __future__ import annotations

import base64
import math
import re
import secrets
from collections.abc import Mapping

from starlette.requests import Request

from rag.i18n.translator import Translator
from rag.web.security.paths import longest_prefix, prefix
from rag.web.security.rate_limit import RateLimiter
from rag.web.security.responses import Refusal

_UNSAFE = re.compile(r"""[^ -~]|["\\]""")
MAX_WRONG_PASSWORDS = 10
"""Wrong passwords that an address may send at once, and per minute."""


class PasswordCheck:
    """Asks for the password of the longest matching prefix of a path; other paths need none.

    A request gives it by HTTP Basic authentication, with any user name, or as a bearer token. The
    browser shows `title` when it asks for the password.
    """

    def __init__(self, passwords: Mapping[str, str], title: str = "") -> None:
        if not all(passwords.values()):
            raise ValueError("an empty password lets everyone in")
        self._passwords = {prefix(path): password for path, password in passwords.items()}
        self._wrong = RateLimiter(MAX_WRONG_PASSWORDS, 60)
        # Browsers agree about ASCII only, where quotation marks need escapes.
        self._realm = _UNSAFE.sub("", title).strip() or Translator()("page.name")

    def refusal(self, request: Request, path: str, address: str) -> Refusal | None:
        """Return the reason for which a request is refused, or None."""
        if not (match := longest_prefix(self._passwords, path)):
            return None
        matched, password = match
        if wait := math.ceil(self._wrong.wait(address)):
            return Refusal(429, "too-many-passwords", {"count": wait}, {"retry-after": str(wait)})
        given = _given_password(request.headers.get("authorization", ""))
        if given is not None:
            if secrets.compare_digest(given, password.encode()):
                return None
            self._wrong.take(address)
        realm = f'Basic realm="{self._realm}{matched}", charset="UTF-8"'
        return Refusal(401, "password-needed", headers={"www-authenticate": realm})


def _given_password(authorization: str) -> bytes | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip().encode("latin-1")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials).partition(b":")[2]
    except ValueError:
        return b""
