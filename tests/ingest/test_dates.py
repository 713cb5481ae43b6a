"""Publication dates: forms that are read, forms that are ambiguous or impossible."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-06", "2024-03-06T00:00"),
        ("2024-03-06T22:20:00+08:00", "2024-03-06T14:20"),
        ("2024-3-6 9:05 UTC", "2024-03-06T09:05"),
        ("20240306T222000Z", "2024-03-06T22:20"),
        ("20240306222000", "2024-03-06T22:20"),
        ("2024-03-06T24:00", "2024-03-07T00:00"),
        ("Wed, 06 Mar 2024 22:20:00 GMT", "2024-03-06T22:20"),
        ("Wednesday, 06-Mar-24 22:20:00 GMT", "2024-03-06T22:20"),
        ("Wed Mar 06 2024 22:20:03 GMT+0800 (China Standard Time)", "2024-03-06T14:20:03"),
        ("Wed Mar  6 22:20:03 GMT 2024", "2024-03-06T22:20:03"),
        ("05/02/2021 - 18:40", "2021-02-05T18:40"),
        ("15/09/2023", "2023-09-15T00:00"),
        ("09/15/2023", "2023-09-15T00:00"),
        ("05/05/2021", "2021-05-05T00:00"),
        ("09/05/2023 9:05 PM EDT", "2023-09-06T01:05"),
        ("06.03.2024, 18:40 Uhr", "2024-03-06T18:40"),
        ("6. 3. 2024", "2024-03-06T00:00"),
        ("2024/03/06 08:30（03/07 09:15 更新）", "2024-03-06T08:30"),
        ("2024.03.06. 오후 6:40", "2024-03-06T18:40"),
    ],
)
def test_read_numeric_date_gives_the_time(text: str, expected: str) -> None:
    assert dates.read(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert dates.is_date(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("March 6, 2024 9:05 p.m. EST", "2024-03-07T02:05"),
        ("Updated 5:40 PM ET, Wed March 6, 2024", "2024-03-06T22:40"),
        ("Published: March 6th, 2024 | Updated: March 9, 2024 5:40 PM ET", "2024-03-06T00:00"),
        ("Publié le : 6 mars 2024 à 18h40 - Mis à jour le 7 mars 2024", "2024-03-06T18:40"),
        ("1er mars 2024", "2024-03-01T00:00"),
        ("Stand: 6. März 2024 18.40 Uhr", "2024-03-06T18:40"),
        ("miércoles, 6 de marzo de 2024", "2024-03-06T00:00"),
        ("6 de março de 2024 às 18h40", "2024-03-06T18:40"),
        ("6 марта 2024 г., 18:40 МСК", "2024-03-06T15:40"),
        ("6 marca 2024, godz. 18:40", "2024-03-06T18:40"),
        ("11 listopada 2023", "2023-11-11T00:00"),
        ("11. listopada 2023.", "2023-10-11T00:00"),
        ("6. maaliskuuta 2024 klo 18.40", "2024-03-06T18:40"),
        ("2024. március 6. 18:40", "2024-03-06T18:40"),
    ],
)
def test_read_date_with_the_name_of_a_month_gives_the_time(text: str, expected: str) -> None:
    assert dates.read(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert dates.is_date(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发布时间：2024年3月6日 星期三 22:20", "2024-03-06T22:20"),
        ("2024年3月6日 上午9:05", "2024-03-06T09:05"),
        ("2024年3月6日晚上8点半", "2024-03-06T20:30"),
        ("2024年3月6日凌晨12:30", "2024-03-06T00:30"),
        ("北京时间2024年03月06日08:30 来源：新华社", "2024-03-06T00:30"),
        ("来源：新华社 发布时间：2024-03-06 08:30", "2024-03-06T08:30"),
        ("2024年03月06日 08:30 | 来源：人民网 | 记者 张三", "2024-03-06T08:30"),
        ("二〇二四年三月六日", "2024-03-06T00:00"),
        ("二零二三年十一月二十三日", "2023-11-23T00:00"),
        ("民國113年3月6日", "2024-03-06T00:00"),
        ("中华民国一百一十三年三月六日", "2024-03-06T00:00"),
        ("令和6年3月6日", "2024-03-06T00:00"),
        ("平成元年3月6日", None),
        ("2024年（令和6年）3月6日", "2024-03-06T00:00"),
        ("2024年3月6日(水) 18時40分", "2024-03-06T18:40"),
        ("입력 2024년 3월 6일 오후 6시 40분 수정 2024년 3월 7일", "2024-03-06T18:40"),
        ("２０２４年３月６日", "2024-03-06T00:00"),
    ],
)
def test_read_east_asian_date_gives_the_time(text: str, expected: str | None) -> None:
    assert dates.read(text) == (expected and datetime.fromisoformat(expected).replace(tzinfo=UTC))
    assert dates.is_date(text)


@pytest.mark.parametrize("unit", [1, 1000, 1_000_000])
def test_read_epoch_of_any_unit_gives_the_time(unit: int) -> None:
    assert dates.read(str(1709763600 * unit)) == datetime(2024, 3, 6, 22, 20, tzinfo=UTC)
    assert dates.from_epoch(str(1709763600 * unit)) == datetime(2024, 3, 6, 22, 20, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "99999999999999999999", "nan", "inf"])
def test_from_epoch_number_that_is_no_time_of_an_article_gives_none(text: str) -> None:
    assert dates.from_epoch(text) is None


def test_read_time_with_a_zone_keeps_its_offset() -> None:
    found = dates.read("2024-03-06 00:30 +08:00")
    assert found is not None
    assert found.isoformat() == "2024-03-06T00:30:00+08:00"


@pytest.mark.parametrize("text", ["2024年3月6日 08:30", "Wed Mar 06 08:30:00 CST 2024"])
def test_read_time_without_a_clear_zone_takes_that_of_the_site(text: str) -> None:
    found = dates.read(text, timezone(timedelta(hours=8)))
    assert found == datetime(2024, 3, 6, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "05/02/2021",
        "05-02-2021",
        "2024-02-30",
        "2024年13月1日",
        "1970-01-01",
        "2150-01-01",
        "2567-03-06",
    ],
)
def test_read_ambiguous_or_impossible_date_gives_none(text: str) -> None:
    assert dates.read(text) is None
    assert dates.is_date(text)


def test_read_date_after_the_day_after_tomorrow_gives_none() -> None:
    now = datetime.now(UTC)
    assert dates.read((now + timedelta(days=3)).isoformat()) is None
    assert dates.read((now + timedelta(days=1)).isoformat()) is not None


@pytest.mark.parametrize(
    "text",
    ["6 มี.ค. 2567", "۱۴۰۲/۱۲/۱۶", "25 شعبان 1445", "农历二〇二四年一月二十六日", "佛历2567年3月6日"],
)
def test_read_date_of_another_calendar_gives_none(text: str) -> None:
    assert dates.read(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024",
        "他于2024年3月6日抵达",
        "3/6",
        "06.03.24",
        "13812345678",
        "2024年3月6日 记者从云岭县获悉，水位下降。",
        "1991年1月17日 海湾战争爆发",
        "2024年3月6日发布会内容很丰富",
        "On 10 May 2024 the bridge opened",
    ],
)
def test_read_text_that_is_not_a_date_gives_none(text: str) -> None:
    assert dates.read(text) is None
    assert not dates.is_date(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("【大河报2021年04月26日讯】（记者", date(2021, 4, 26)),
        ("（中央社記者王五高雄2024年3月6日電）", date(2024, 3, 6)),
        ("新华社石家庄2024年3月6日电（记者 王五）", date(2024, 3, 6)),
        ("OSLO, March 6, 2024 (Reuters) - Rain fell", date(2024, 3, 6)),
        ("（新华社北京5月10日电）", None),
        ("PARIS — 10 people were hurt in 2024", None),
        ("（从2021年3月5日到2022年4月1日的统计）", None),
    ],
)
def test_read_opening_gives_the_day_of_a_report(text: str, day: date | None) -> None:
    found = dates.read_opening(text)
    assert (found and found.date()) == day


@given(
    st.dates(date(1991, 1, 1), date(2025, 12, 31)),
    st.sampled_from("en fr de es pt it nl pl ru uk cs sv da nb fi hu ro bg el tr".split()),
)
@settings(max_examples=100, deadline=None)
def test_read_long_date_of_any_language_gives_the_day(day: date, language: str) -> None:
    found = dates.read(format_date(day, "long", locale=language))
    assert found is not None
    assert found.date() == day


@given(st.text(max_size=60) | st.text("0123456789年月日:/. -", max_size=60))
@settings(max_examples=60, deadline=None)
def test_read_any_text_gives_a_time_only_for_what_is_a_date(text: str) -> None:
    found = dates.read(text)
    assert found is None or (found.tzinfo and dates.is_date(text))
    dates.read_opening(text)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://news.example/2024/03/06/title", (2024, 3, 6)),
        ("https://news.example/cn/20240306-title", (2024, 3, 6)),
        ("https://news.example/a/24/3/6/title", (2024, 3, 6)),
        ("https://news.example/20241306", None),
        ("https://news.example/articles/2371800", None),
    ],
)
def test_from_url_gives_the_day_in_the_address(url: str, day: tuple[int, int, int] | None) -> None:
    assert dates.from_url(url) == (datetime(*day, tzinfo=UTC) if day else None)
