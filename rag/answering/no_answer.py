"""What the program says about an answer, where it says it in the language of the question."""

from __future__ import annotations

from typing import NamedTuple

from rag.text.language import detect

_ABSENT = {
    "ar": "لا يذكر الأرشيف ذلك. هذه أقرب المقاطع.",
    "de": "Das Archiv sagt es nicht. Diese Passagen kommen der Frage am nächsten.",
    "el": "Το αρχείο δεν το αναφέρει. Αυτά είναι τα πιο σχετικά αποσπάσματα.",
    "en": "The archive does not say. These passages come closest.",
    "es": "El archivo no lo dice. Estos son los pasajes más relacionados.",
    "fr": "Les archives ne le disent pas. Voici les passages les plus proches.",
    "hi": "अभिलेखागार में इसका उत्तर नहीं है। ये सबसे निकट के अंश हैं।",
    "it": "L'archivio non lo dice. Questi sono i brani più pertinenti.",
    "ja": "アーカイブには書かれていません。最も近い箇所は次のとおりです。",
    "ko": "아카이브에는 답이 없습니다. 가장 관련 있는 대목은 다음과 같습니다.",
    "pt": "Não há resposta no arquivo. Estes são os trechos mais relacionados.",
    "ro": "Arhiva nu spune acest lucru. Acestea sunt pasajele cele mai apropiate.",
    "ru": "В архиве об этом не сказано. Вот самые близкие по смыслу фрагменты.",
    "th": "ในคลังข่าวไม่มีคำตอบ ข้อความต่อไปนี้ใกล้เคียงที่สุด",
    "tr": "Arşivde bunun yanıtı yok. En yakın bölümler şunlar.",
    "uk": "В архіві про це не сказано. Ось найближчі за змістом фрагменти.",
    "vi": "Kho lưu trữ không có câu trả lời. Đây là những đoạn liên quan nhất.",
    "zh-Hans": "资料库里没有答案。以下是最相关的段落。",
    "zh-Hant": "資料庫裡沒有答案。以下是最相關的段落。",
}
_OTHERWISE = "en"
_CONFIDENCE_KEYS = (
    (0.8, "page.confidence-high"),
    (0.6, "page.confidence-medium"),
    (0.0, "page.confidence-low"),
)


class Phrase(NamedTuple):
    """A sentence, and the BCP 47 tag of its language."""

    text: str
    language: str

    @property
    def direction(self) -> str:
        """How it is written, as HTML says it."""
        return "rtl" if self.language == "ar" else "ltr"


def absent(question: str) -> Phrase:
    """That the archive does not say, in the language of the question, or else in English."""
    tag = detect(question)
    if tag == "zh":
        tag = "zh-Hans"
    tag = tag if tag in _ABSENT else _OTHERWISE
    return Phrase(_ABSENT[tag], tag)


def confidence_key(confidence: float) -> str:
    """Return the catalogue key of the words for the probability that an answer is right."""
    return next(key for least, key in _CONFIDENCE_KEYS if confidence >= least)
