"""The words around numbers in the languages of readers: "about", "more than", "nearly".

CLDR has none of them but "at least". A language that is not here gets no rough amounts.
"""

from __future__ import annotations

from typing import NamedTuple

from babel import Locale


class Wording(NamedTuple):
    """Patterns of a language, with {} for the amount.

    `fewer` is of things that are counted, `less` of the others if it differs. `of` stands between a
    word such as "million" and a noun. `age` has {years} or {number}, if years alone do not say an age.
    `days` are yesterday, today and tomorrow.
    """

    about: str
    more: str
    nearly: str
    fewer: str
    at_least: str
    at_most: str
    days: tuple[str, str, str] = ("", "", "")
    less: str = ""
    of: str = ""
    age: str = ""
    decade: str = ""


_WORDINGS = {
    "ar": Wording(
        "حوالي {}", "أكثر من {}", "ما يقرب من {}", "أقل من {}", "ما لا يقل عن {}", "ما لا يزيد عن {}",
        days=("أمس", "اليوم", "غدًا"),
    ),
    "de": Wording(
        "etwa {}", "mehr als {}", "fast {}", "weniger als {}", "mindestens {}", "höchstens {}",
        decade="{}er-Jahre",
        days=("gestern", "heute", "morgen"),
    ),
    "en": Wording(
        "about {}", "more than {}", "nearly {}", "fewer than {}", "at least {}", "at most {}",
        less="less than {}", age="{years} old", decade="{}s",
        days=("yesterday", "today", "tomorrow"),
    ),
    "es": Wording(
        "alrededor de {}", "más de {}", "casi {}", "menos de {}", "al menos {}", "como máximo {}",
        of="de", decade="década de {}",
        days=("ayer", "hoy", "mañana"),
    ),
    "fr": Wording(
        "environ {}", "plus de {}", "près de {}", "moins de {}", "au moins {}", "au plus {}",
        of="de", decade="années {}",
        days=("hier", "aujourd’hui", "demain"),
    ),
    "hi": Wording(
        "लगभग {}", "{} से अधिक", "करीब {}", "{} से कम", "कम से कम {}", "अधिकतम {}", decade="{} का दशक",
        days=("बीता कल", "आज", "आने वाला कल"),
    ),
    "id": Wording(
        "sekitar {}", "lebih dari {}", "hampir {}", "kurang dari {}", "setidaknya {}",
        "paling banyak {}", decade="{}-an",
        days=("kemarin", "hari ini", "besok"),
    ),
    "it": Wording(
        "circa {}", "più di {}", "quasi {}", "meno di {}", "almeno {}", "al massimo {}",
        of="di", decade="anni {}",
        days=("ieri", "oggi", "domani"),
    ),
    "ja": Wording(
        "約{}", "{}超", "{}近く", "{}未満", "少なくとも{}", "{}以下", age="{number}歳", decade="{}年代",
        days=("昨日", "今日", "明日"),
    ),
    "ko": Wording(
        "약 {}", "{} 초과", "거의 {}", "{} 미만", "최소 {}", "최대 {}",
        age="{number}세", decade="{}년대",
        days=("어제", "오늘", "내일"),
    ),
    "nl": Wording(
        "ongeveer {}", "meer dan {}", "bijna {}", "minder dan {}", "minstens {}", "hoogstens {}",
        decade="jaren {}",
        days=("gisteren", "vandaag", "morgen"),
    ),
    "pl": Wording(
        "mniej więcej {}", "ponad {}", "prawie {}", "mniej niż {}", "co najmniej {}", "co najwyżej {}",
        days=("wczoraj", "dzisiaj", "jutro"),
    ),
    "pt": Wording(
        "cerca de {}", "mais de {}", "quase {}", "menos de {}", "pelo menos {}", "no máximo {}",
        of="de", decade="década de {}",
        days=("ontem", "hoje", "amanhã"),
    ),
    "ru": Wording(
        "примерно {}", "более чем {}", "почти {}", "менее чем {}", "как минимум {}", "максимум {}",
        decade="{}-е годы",
        days=("вчера", "сегодня", "завтра"),
    ),
    "th": Wording(
        "ประมาณ {}", "มากกว่า {}", "เกือบ {}", "น้อยกว่า {}", "อย่างน้อย {}", "ไม่เกิน {}",
        age="อายุ {number} ปี",
        days=("เมื่อวาน", "วันนี้", "พรุ่งนี้"),
    ),
    "tr": Wording(
        "yaklaşık {}", "{} üstü", "neredeyse {}", "{} altı", "en az {}", "en fazla {}",
        age="{number} yaşında",
        days=("dün", "bugün", "yarın"),
    ),
    "uk": Wording(
        "приблизно {}", "понад {}", "майже {}", "менше ніж {}", "щонайменше {}", "щонайбільше {}",
        decade="{}-ті роки",
        days=("вчора", "сьогодні", "завтра"),
    ),
    "vi": Wording(
        "khoảng {}", "hơn {}", "gần {}", "chưa đến {}", "ít nhất {}", "nhiều nhất {}",
        age="{number} tuổi", decade="thập niên {}",
        days=("hôm qua", "hôm nay", "ngày mai"),
    ),
    "zh": Wording(
        "约{}", "超过{}", "近{}", "不到{}", "至少{}", "最多{}", age="{number}岁", decade="{}年代",
        days=("昨天", "今天", "明天"),
    ),
    "zh_Hant": Wording(
        "約{}", "超過{}", "近{}", "不到{}", "至少{}", "最多{}", age="{number}歲", decade="{}年代",
        days=("昨天", "今天", "明天"),
    ),
}  # fmt: skip
NONE = Wording("", "", "", "", "", "")
"""That of a language whose words are unknown."""


def wording(locale: Locale) -> Wording:
    """Return the patterns of a language; `NONE` if they are unknown."""
    return _WORDINGS.get(f"{locale.language}_{locale.script}", _WORDINGS.get(locale.language, NONE))
