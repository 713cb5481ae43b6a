from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rag.text.date_expressions import Period, find_period


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("Why did Macau say in June 2021 that its office had to close?", "2021-06-01", "2021-06-30"),
        ("What happened on March 16, 2024 in Waziristan?", "2024-03-16", "2024-03-16"),
        ("How many meals were dropped on 9 March 2024?", "2024-03-09", "2024-03-09"),
        ("What will the EU plan of July 2020 have built by 2030?", "2020-07-01", "2020-07-31"),
        ("What changed between 2019 and 2021?", "2019-01-01", "2021-12-31"),
        ("Who won the cup on 2 May 2020, and on 3 May 2020?", "2020-05-02", "2020-05-03"),
        ("What did the 24 people of February 2023 want?", "2023-02-01", "2023-02-28"),
        ("What happened on 31 February 2024?", "2024-02-01", "2024-02-29"),
        ("2023年9月金正恩和普丁是在哪座太空發射基地碰面的？", "2023-09-01", "2023-09-30"),
        ("2020年12月23日黎智英获准保释，保释金定为多少？", "2020-12-23", "2020-12-23"),
        ("2021年第一季度香港餐饮行业有多大比例的人失业？", "2021-01-01", "2021-12-31"),
        ("２０２４年３月１３日に打ち上げられたロケットは？", "2024-03-13", "2024-03-13"),
        ("2023년 12월 테더가 밝힌 지갑은 모두 얼마였나요?", "2023-12-01", "2023-12-31"),
        ("Quel jour de février 2024 Kim a-t-il reçu une voiture ?", "2024-02-01", "2024-02-29"),
        ("¿Qué pasó el 9 de mayo de 2021 en Birmania?", "2021-05-09", "2021-05-09"),
        ("Welche Krawalle gab es am 16.06.2020 in Stuttgart?", "2020-06-16", "2020-06-16"),
        ("Какую сумму одолжила Япония в мае 2022 года?", "2022-05-01", "2022-05-31"),
        ("Какая компания уверяла летом 2020 года, что аварий не было?", "2020-01-01", "2020-12-31"),
        ("Co stało się w maju 2021 roku w Warszawie?", "2021-05-01", "2021-05-31"),
        ("Ba phóng viên bị bắt ngày 9 tháng 5 năm 2021 ở đâu?", "2021-05-09", "2021-05-09"),
        ("كم سؤالاً وجّهته الهند في يوليو ٢٠٢٠ إلى أصحاب التطبيقات؟", "2020-07-01", "2020-07-31"),
        ("เกิดอะไรขึ้นเมื่อเดือนมิถุนายน 2021", "2021-06-01", "2021-06-30"),
        ("Mitä Helsingissä tapahtui toukokuussa 2021?", "2021-05-01", "2021-05-31"),
    ],
)
def test_find_period_of_a_dated_question_is_the_narrowest(question: str, first: str, last: str) -> None:
    assert find_period(question) == Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "question",
    ["平壤运送了6700个集装箱吗？", "How many in 120215 boxes?", "Who may march?", "May?", "去年9月"],
)
def test_find_period_without_a_year_is_none(question: str) -> None:
    assert find_period(question) is None


def test_nearness_decreases_with_the_distance_more_slowly_after() -> None:
    def nearness(month: int, day: int) -> float:
        (near,) = Period.of(2021, 6).nearness(np.array([date(2021, month, day).toordinal()]))
        return float(near)

    assert nearness(6, 1) == nearness(6, 30) == 1
    assert 1 > nearness(7, 3) > nearness(7, 13) > 0
    assert nearness(7, 3) > nearness(5, 29) > 0
    assert nearness(8, 1) == nearness(5, 1) == 0


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024/3/6", date(2024, 3, 6), date(2024, 3, 6)),
    ],
)
def test_parse_gives_the_days_of_a_year_a_month_or_a_day(text: str, first: date, last: date) -> None:
    assert Period.parse(text) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "-", "24", "2024-13", "2024-00", "2024-02-30", "0000", "2024-1-0"]
)
def test_parse_of_no_period_is_none(text: str) -> None:
    assert Period.parse(text) is None


def test_spanning_is_from_the_first_to_the_last_day() -> None:
    periods = [Period.of(2024, 3), Period.of(2022), Period.of(2022, 5)]
    assert Period.spanning(periods) == (date(2022, 1, 1), date(2024, 3, 31))
    assert Period.spanning([]) is None
