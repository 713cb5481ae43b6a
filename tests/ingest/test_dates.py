"""Publication dates: forms that are read, forms that are ambiguous or impossible."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rag.ingest import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-06", "2024-03-06T00:00"),
        ("2024-03-06T22:20:00+08:00", "2024-03-06T14:20"),
        ("2024-3-6 9:05 UTC", "2024-03-06T09:05"),
        ("发布时间：2024年3月6日 星期三 22:20", "2024-03-06T22:20"),
        ("Wed, 06 Mar 2024 22:20:00 GMT", "2024-03-06T22:20"),
        ("05/02/2021 - 18:40", "2021-02-05T18:40"),
        ("15/09/2023", "2023-09-15T00:00"),
        ("09/15/2023", "2023-09-15T00:00"),
        ("05/05/2021", "2021-05-05T00:00"),
    ],
)
def test_read_date_line_gives_the_time_in_utc(text: str, expected: str) -> None:
    assert dates.read(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert dates.is_date(text)


@pytest.mark.parametrize(
    "text", ["05/02/2021", "2024-02-30", "2024年13月1日", "1970-01-01", "2150-01-01"]
)
def test_read_ambiguous_or_impossible_date_gives_none(text: str) -> None:
    assert dates.read(text) is None
    assert dates.is_date(text)


@pytest.mark.parametrize("text", ["", "2024", "他于2024年3月6日抵达", "3/6"])
def test_read_text_that_is_not_a_date_gives_none(text: str) -> None:
    assert dates.read(text) is None
    assert not dates.is_date(text)


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
