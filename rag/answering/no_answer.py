"""The sentence for a question that the archive does not answer, and confidence in words."""

from __future__ import annotations

from typing import NamedTuple

from rag.text.language import detect

_SENTENCES = {
    "ar": "لم يُعثر على إجابة في هذا الأرشيف. أقرب المقاطع أدناه.",
    "de": "In diesem Archiv wurde keine Antwort gefunden. Die passendsten Textstellen folgen.",
    "el": "Δεν βρέθηκε απάντηση σε αυτό το αρχείο. Ακολουθούν τα πιο σχετικά αποσπάσματα.",
    "en": "No answer found in this archive. The closest passages are below.",
    "es": "No se ha encontrado respuesta en este archivo. Estos son los pasajes más cercanos.",
    "fr": "Aucune réponse trouvée dans ces archives. Voici les passages les plus proches.",
    "hi": "इस अभिलेखागार में उत्तर नहीं मिला। सबसे निकट के अंश नीचे हैं।",
    "it": "Nessuna risposta trovata in questo archivio. Ecco i brani più pertinenti.",
    "ja": "このアーカイブに回答は見つかりませんでした。関連性の高い箇所は次のとおりです。",
    "ko": "이 아카이브에서 답을 찾지 못했습니다. 가장 관련 있는 대목은 다음과 같습니다.",
    "pt": "Nenhuma resposta encontrada neste arquivo. Estes são os trechos mais relacionados.",
    "ro": "Nu s-a găsit niciun răspuns în această arhivă. Iată pasajele cele mai apropiate.",
    "ru": "В этом архиве ответ не найден. Ниже самые близкие по смыслу фрагменты.",
    "th": "ไม่พบคำตอบในคลังข่าวนี้ ข้อความที่ใกล้เคียงที่สุดอยู่ด้านล่าง",
    "tr": "Bu arşivde yanıt bulunamadı. En yakın bölümler aşağıda.",
    "uk": "У цьому архіві відповіді не знайдено. Нижче найближчі за змістом фрагменти.",
    "vi": "Không tìm thấy câu trả lời trong kho lưu trữ này. Các đoạn liên quan nhất ở bên dưới.",
    "zh-Hans": "未在资料库中找到答案，以下段落最相关。",
    "zh-Hant": "未在資料庫中找到答案，以下段落最相關。",
}
_DEFAULT = "en"
_RIGHT_TO_LEFT = frozenset(["ar"])
MEDIUM_CONFIDENCE, HIGH_CONFIDENCE = 0.7, 0.9
"""Confidence from which an answer is "probably" and "very probably" right: so many of them are."""


class Sentence(NamedTuple):
    """A sentence and the BCP 47 tag of its language."""

    text: str
    language: str

    @property
    def direction(self) -> str:
        """The direction of its script, as the HTML attribute `dir` has it: "ltr" or "rtl"."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"


def no_answer(question: str) -> Sentence:
    """Return the sentence in the language of the question, or in English if there is none."""
    tag = detect(question)
    if tag == "zh":
        tag = "zh-Hans"
    tag = tag if tag in _SENTENCES else _DEFAULT
    return Sentence(_SENTENCES[tag], tag)


def confidence_key(confidence: float) -> str:
    """Return the key of a confidence in words: "page.confidence-low", "-medium" or "-high"."""
    if confidence >= HIGH_CONFIDENCE:
        return "page.confidence-high"
    if confidence >= MEDIUM_CONFIDENCE:
        return "page.confidence-medium"
    return "page.confidence-low"


def is_unsure(confidence: float) -> bool:
    """Whether an answer is too uncertain to be called one."""
    return confidence < MEDIUM_CONFIDENCE
