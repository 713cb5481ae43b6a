"""Dates are resolved where they are sure, and rendered without a year where it is not."""

from __future__ import annotations

from datetime import date

import pytest

from rag.rendering.dates.dates import find_dates

WEDNESDAY = date(2024, 3, 6)


def render(text: str, language: str = "en", day: date | None = WEDNESDAY) -> dict[str, str]:
    found = find_dates(text, language, day)
    spaces = {ord(space): " " for space in "\u2009\u202f\xa0"}
    return {text[gloss.start : gloss.end]: gloss.text.translate(spaces) for gloss in found}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("去年9月", "September 2023"),
        ("上周五（3月1日）", "Friday, March 1, 2024"),
        ("3月1日，星期五", "Friday, March 1, 2024"),
        ("周二（5日）", "Tuesday, March 5, 2024"),
        ("3月6日（三）", "Wednesday, March 6, 2024"),
        ("3月1日", "March 1, 2024"),
        ("3月25 日", "March 25, 2024"),
        ("12月25日", "December 25, 2023"),
        ("8月25日", "August 25"),
        ("本月3日", "March 3, 2024"),
        ("上个月", "February 2024"),
        ("明年", "2025"),
        ("民國113年4月", "April 2024"),
        ("令和6年", "2024"),
        ("二〇二四年三月六日", "March 6, 2024"),
        ("2024-03-06", "March 6, 2024"),
        ("2023年", "2023"),
        ("9月", "September"),
        ("3月1日至5日", "Mar 1 – 5, 2024"),
        ("2019年至2021年", "2019–2021"),
        ("上世纪八十年代", "1980s"),
        ("19世纪60年代", "1860s"),
        ("1990年代", "1990s"),
        ("星期天", "Sunday"),
        ("上周五", "Friday, March 1, 2024"),
        ("昨天", "yesterday"),
        ("昨天（5日）", "March 5, 2024"),
        ("昨天（2月28日）", "February 28, 2024"),
    ],
)
def test_date_is_rendered(text: str, expected: str) -> None:
    assert render(f"，{text}，") == {text: expected}


@pytest.mark.parametrize(
    "text",
    [
        "农历3月1日",
        "公元前221年",
        "2000年历史",
        "近1500年",
        "3个月",
        "满3月",
        "3月内",
        "1-3月",
        "2月31日",
        "三月街",
        "当今年轻人",
        "过去年代",
        "每周五",
        "一周一次",
        "上周日本",
        "登上月球",
        "上周二",
        "本周日",
        "同年3月内",
        "113年4月",
        "“去年9月”",
        "今日俄罗斯",
        "明天系",
        "20年代",
    ],
)
def test_unsure_date_is_left(text: str) -> None:
    assert render(text) == {}


def test_day_after_another_year_has_no_year_of_the_article() -> None:
    assert render("1989年6月4日，3月5日")["3月5日"] == "March 5"
    assert render("1989年6月4日，同年3月5日")["3月5日"] == "March 5"
    assert render("1989年6月4日。\n3月5日")["3月5日"] == "March 5, 2024"


def test_day_alone_is_one_of_the_last_if_no_other_month_was_named() -> None:
    assert render("发言人5日在记者会上说") == {"5日": "March 5, 2024"}
    assert render("发言人28日在记者会上说") == {"28日": "February 28, 2024"}
    assert render("发言人20日在记者会上说") == {}
    assert render("1月4日开始，5日在北京结束") == {"1月4日": "January 4, 2024"}
    assert render("为期5日在北京举行") == {}


def test_day_of_the_week_that_contradicts_the_date_is_left_out() -> None:
    assert render("周二（3月6日）") == {"3月6日": "March 6"}


def test_relative_date_needs_the_day_of_the_article() -> None:
    assert render("去年9月、上个月、上周五", day=None) == {}
    assert render("2023年9月、9月3日", day=None) == {
        "2023年9月": "September 2023",
        "9月3日": "September 3",
    }


def test_relative_month_and_year_are_unsure_at_their_beginning() -> None:
    assert render("去年、上个月", day=date(2024, 1, 2)) == {}
    assert render("去年、上个月", day=date(2024, 3, 2)) == {"去年": "2023"}


@pytest.mark.parametrize(
    "language, expected",
    [
        ("fr", ["septembre 2023", "vendredi 1 mars 2024", "3 août", "septembre", "mardi", "hier"]),
        (
            "de",
            [
                "September 2023",
                "Freitag, 1. März 2024",
                "3. August",
                "September",
                "Dienstag",
                "gestern",
            ],
        ),
        (
            "es",
            [
                "septiembre de 2023",
                "viernes, 1 de marzo de 2024",
                "3 de agosto",
                "septiembre",
                "martes",
                "ayer",
            ],
        ),
        (
            "ru",
            [
                "сентябрь 2023 г.",
                "пятница, 1 марта 2024 г.",
                "3 августа",
                "сентябрь",
                "вторник",
                "вчера",
            ],
        ),
        ("ja", ["2023年9月", "2024年3月1日金曜日", "8月3日", "9月", "火曜日", "昨日"]),
        ("ko", ["2023년 9월", "2024년 3월 1일 금요일", "8월 3일", "9월", "화요일", "어제"]),
        ("ar", ["سبتمبر 2023", "الجمعة، 1 مارس 2024", "3 أغسطس", "سبتمبر", "الثلاثاء", "أمس"]),
    ],
)
def test_dates_have_the_form_of_the_language(language: str, expected: list[str]) -> None:
    assert (
        list(render("去年9月、上周五（3月1日）、8月3日、9月、周二、昨天", language).values())
        == expected
    )


def test_names_of_months_do_not_depend_on_the_language_asked_before() -> None:
    render("9月", "ja")
    assert render("9月", "pt") == {"9月": "setembro"}


@pytest.mark.parametrize("language", ["", "xx", "not a tag"])
def test_unknown_language_gets_nothing(language: str) -> None:
    assert render("3月1日", language) == {}
