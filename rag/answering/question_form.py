"""Whether a question asks for the newest state of things, or a text asks nothing at all."""

from __future__ import annotations

import re

from rag.text.questions import normalize

_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|current(?:ly)?|at present|so far|as of now|right now)\b"
    r"|最新|最近|最后一次|目前|[现現]任|如今|[当當]前|迄今|至今|截至|最新の|現在|現職|최신|최근|현재|현직|지금까지"
    r"|\bactuel(?:le)?(?:ment)?\b|\bdernier bilan\b|\bà ce jour\b|\bat(?:t)?ual(?:e|mente)?\b"
    r"|\baktuell\w*|\bderzeit\w*|\bbislang\b|\bneueste\w*|\bactual(?:mente)?\b|\bmás reciente\b"
    r"|\bhasta ahora\b|последн\w+|нынешн\w+|на данный момент|сейчас|поточн\w+|حالي|الآن|آخر"
    r"|hiện (?:nay|tại)|mới nhất|\bsaat ini\b|\bterbaru\b|ล่าสุด|ปัจจุบัน|\bşu anki\b|वर्तमान|ताज़ा",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|how are you|who are you|test|help"
    r"|你好|您好|嗨|早上好|下午好|晚上好|在吗|你是谁|测试|こんにちは|こんばんは|おはよう(?:ございます)?"
    r"|안녕(?:하세요)?|bonjour|salut|bonsoir|hallo|guten (?:tag|morgen|abend)|hola"
    r"|buen(?:os|as) (?:d[ií]as|tardes|noches)|ol[áa]|ciao|buongiorno|привет|здравствуйте|добрый день"
    r"|مرحبا|السلام عليكم|xin chào|halo|merhaba|สวัสดี|नमस्ते)(?: there| everyone)?",
    re.IGNORECASE,
)


def wants_newest(question: str) -> bool:
    """Whether a question asks for the newest of several states of things."""
    return _NEWEST.search(question) is not None


def is_greeting(question: str) -> bool:
    """Whether a text greets and asks nothing."""
    return _GREETING.fullmatch(normalize(question)) is not None
