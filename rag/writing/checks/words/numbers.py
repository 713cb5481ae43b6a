"""Numbers and money in words, in the languages of readers."""

from __future__ import annotations

from functools import cache

import regex

from rag.rendering.formats import find_locale

_CARDINALS = {
    "en": "two three four five six seven eight nine ten eleven twelve",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "pt": "dois|duas três quatro cinco seis sete oito nove dez onze doze",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici",
    "ru": "два|две|двух|двум|двумя три|трёх|трех|тремя четыре|четырёх|четырех пять|пяти "
    "шесть|шести "
    "семь|семи восемь|восьми девять|девяти десять|десяти одиннадцать|одиннадцати "
    "двенадцать|двенадцати",
    "tr": "iki üç dört beş altı yedi sekiz dokuz on onbir oniki",
    "vi": "hai ba bốn năm sáu bảy tám chín mười mười\u00a0một mười\u00a0hai",
    "ar": "اثنان|اثنين|اثنتين ثلاثة|ثلاث أربعة|أربع خمسة|خمس ستة|ست سبعة|سبع ثمانية|ثماني تسعة|تسع "
    "عشرة|عشر",
}
"""The numbers from two on. What is also another word (one, vi "năm", year) is left out or filtered."""
_OTHERS = {
    "en": {
        13: "thirteen",
        14: "fourteen",
        15: "fifteen",
        16: "sixteen",
        17: "seventeen",
        18: "eighteen",
        19: "nineteen",
        20: "twenty",
        30: "thirty",
        40: "forty",
        50: "fifty",
        60: "sixty",
        70: "seventy",
        80: "eighty",
        90: "ninety",
        100: "hundred",
    },
    "fr": {
        13: "treize",
        14: "quatorze",
        15: "quinze",
        16: "seize",
        20: "vingt",
        30: "trente",
        40: "quarante",
        50: "cinquante",
        60: "soixante",
        100: "cent",
    },
    "de": {
        13: "dreizehn",
        14: "vierzehn",
        15: "fünfzehn",
        16: "sechzehn",
        17: "siebzehn",
        18: "achtzehn",
        19: "neunzehn",
        20: "zwanzig",
        30: "dreißig",
        40: "vierzig",
        50: "fünfzig",
        60: "sechzig",
        70: "siebzig",
        80: "achtzig",
        90: "neunzig",
        100: "hundert",
    },
    "es": {
        13: "trece",
        14: "catorce",
        15: "quince",
        16: "dieciséis",
        20: "veinte",
        30: "treinta",
        40: "cuarenta",
        50: "cincuenta",
        60: "sesenta",
        100: "cien",
    },
    "pt": {15: "quinze", 20: "vinte", 30: "trinta", 40: "quarenta", 50: "cinquenta", 100: "cem"},
    "it": {15: "quindici", 20: "venti", 30: "trenta", 40: "quaranta", 50: "cinquanta", 100: "cento"},
    "ru": {
        15: "пятнадцать|пятнадцати",
        20: "двадцать|двадцати",
        30: "тридцать|тридцати",
        40: "сорок|сорока",
        50: "пятьдесят|пятидесяти",
        100: "сто",
    },
    "tr": {20: "yirmi", 30: "otuz", 40: "kırk", 50: "elli", 100: "yüz"},
    "ar": {20: "عشرون|عشرين", 30: "ثلاثون|ثلاثين", 40: "أربعون|أربعين", 50: "خمسون|خمسين"},
}
_NOT_COUNTING = frozenset("năm ba on yüz sei sete".split())
"""Numerals that are also common words: year, three or father, ten or front, a hundred or face."""
_CURRENCIES = {
    "USD": r"美元|美金|us\$|usd|米ドル|미국 ?달러|미 ?달러",
    "HKD": r"港元|港币|港幣|hk\$|香港ドル|홍콩 ?달러|hong kong dollars?|dollars? de hong kong"
    r"|hongkong-dollar",
    "TWD": r"[新臺台]?[台臺][币幣]|nt\$|新台湾ドル|대만 ?달러|new taiwan dollars?",
    "AUD": r"澳元|a\$|豪ドル|호주 ?달러|australian dollars?",
    "CAD": r"加元|c\$|カナダドル|캐나다 ?달러|canadian dollars?",
    "SGD": r"新加坡元|新元|s\$|シンガポールドル",
    "EUR": r"[欧歐]元|€|eur\b|euros?\b|евро|ユーロ|유로|يورو|avro",
    "GBP": r"英[镑鎊]|£|gbp|pounds?\b|livres?\b|pfund\b|libras?\b|sterline|фунт|ポンド"
    r"|파운드|جنيه|bảng",
    "CNY": r"人民[币幣]|[元圆圓块塊]|rmb|cny|yuans?\b|renminbi|юан|人民元|위안|يوان|nhân dân tệ",
    "JPY": r"日[元圆圓]|jpy|yens?\b|иен|йен|円|엔\b|ين\b",
    "KRW": r"[韩韓][元圆圓]|₩|krw|wons?\b|вон\b|ウォン|원\b",
    "RUB": r"[卢盧]布|₽|rub\b|r(?:ou|u)bles?\b|rubel|rublos?\b|rubli|рубл|ルーブル|루블|روبل",
    "INR": r"印度[卢盧]比|₹|rupees?\b|roupies?\b|rupias?\b|рупи|ルピー|루피|روبية",
    "CHF": r"瑞郎|瑞士法郎|chf|swiss francs?|francs? suisses?|franken|スイスフラン",
}
_DOLLARS = frozenset("USD HKD TWD AUD CAD SGD".split())
_DOLLAR = regex.compile(r"\$|dollar|dólar|dollaro|dollari|доллар|ドル|달러|دولار|đô la|dolar", regex.I)
_MONEY = {code: regex.compile(names, regex.I) for code, names in _CURRENCIES.items()}


@cache
def cardinals(language: str) -> dict[str, int]:
    """Return the values of the number words of a language, in small letters."""
    words = {
        word.replace("\u00a0", " "): number
        for number, forms in enumerate(_CARDINALS.get(language, "").split(" "), start=2)
        for word in forms.split("|")
        if word
    }
    words |= {
        word: number for number, forms in _OTHERS.get(language, {}).items() for word in forms.split("|")
    }
    return {word: number for word, number in words.items() if word not in _NOT_COUNTING}


@cache
def multipliers(language: str) -> dict[str, int]:
    """Return the values of words such as "million" in a language, by CLDR, in small letters.

    Words of the short forms count if they have at least two letters.
    """
    found: dict[str, int] = {}
    if (locale := find_locale(language)) is None:
        return found
    for width in ("long", "short"):
        for forms in locale.compact_decimal_formats.get(width, {}).values():
            for power, pattern in forms.items():
                zeros = pattern.pattern.count("0")
                word = pattern.pattern.replace("0", "").replace("'", "").strip("\u00a0 ").lower()
                if len(word) > (1 if width == "short" else 0):
                    found.setdefault(word, int(power) // 10 ** (zeros - 1))
    return found


def currencies(text: str) -> frozenset[str]:
    """Return the currencies (ISO 4217) that a text may begin with: all dollars for "dollars"."""
    found = frozenset(code for code, names in _MONEY.items() if names.match(text))
    return found or (_DOLLARS if _DOLLAR.match(text) else frozenset())
