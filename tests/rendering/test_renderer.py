"""Tests of `rag.rendering.renderer`, `members` and `names`."""

from __future__ import annotations

from datetime import date

import pytest
from support.names import FewNames, FewPairs

from rag.names.known import CountedPair, KnownNames
from rag.rendering.renderer import Context, glosses, render
from rag.types import Gloss

TABLE = FewNames(
    {
        ("平壤", "en"): ("Pyongyang",),
        ("平壤", "ko"): ("평양",),
        ("首尔", "en"): ("Seoul",),
        ("首尔", "ko"): ("서울",),
        ("韩国", "en"): ("South Korea",),
        ("韩国", "ko"): ("한국",),
        ("俄罗斯", "en"): ("Russia",),
        ("拜登", "en"): ("Joe Biden", "Biden"),
        ("拜登", "ru"): ("Джо Байден",),
        ("阿扎尔", "en"): ("Adjara",),
        ("阿扎尔", "ru"): ("Аджария",),
        ("安倍晋三", "ja"): ("安倍晋三",),
        ("苹果", "en"): ("Apple",),
        ("六人", "en"): (),
    }
)
ARCHIVE = FewPairs(
    [
        CountedPair("申源湜", "Shin Wonshik", 3),
        CountedPair("申源湜", "Shin Won-sik", 1),
        CountedPair("巴尔", "William Barr", 2),
        CountedPair("战争", "War", 1),
    ]
)
NAMES = KnownNames(TABLE, ARCHIVE)


def context(language: str = "en", **fields: object) -> Context:
    given = {"language": language, "day": date(2024, 3, 6), "currency": None, "names": NAMES}
    return Context(**(given | fields))  # type: ignore[typeddict-item]


def said(marked: str, language: str = "en") -> str:
    """Return the rendering of what stands between square brackets, or of all."""
    before, found, rest = marked.partition("[")
    answer, _, after = rest.partition("]") if found else (marked, "", "")
    text = before + answer + after if found else marked
    start = len(before) if found else 0
    rendering = render(text, (start, start + len(answer)), **context(language))
    return rendering.text if rendering else ""


@pytest.mark.parametrize(
    ("language", "rendering"),
    [
        ("en", "about 6,700"),
        ("de", "etwa 6.700"),
        ("ko", "약 6,700"),
        ("ru", "примерно 6\xa0700"),
        ("ar", "حوالي 6,700"),
    ],
)
def test_render_of_an_amount_is_in_the_form_of_the_language(language: str, rendering: str) -> None:
    assert said("平壤运送了[约6700]个集装箱", language) == rendering


@pytest.mark.parametrize("answer", ["约6700集装箱", "约6700个", "约6700个集装箱", "约6700个的集装箱"])
def test_render_of_an_amount_leaves_out_what_is_counted(answer: str) -> None:
    assert said(f"运送了[{answer}]。") == "about 6,700"


@pytest.mark.parametrize(
    "answer",
    [
        "不是1000",
        "第1000号",
        "1000倍",
        "1000个中的",
        "1000公里外",
        "1000人不满",
        "每1000个",
        "1000个以内",
    ],
)
def test_render_of_what_is_not_understood_whole_is_none(answer: str) -> None:
    assert said(f"共有[{answer}]。") == ""


def test_render_of_a_number_takes_the_words_around_it_for_its_meaning() -> None:
    assert said("运送了约[6700]个") == "about 6,700"
    assert said("这是第[1000]号") == ""


@pytest.mark.parametrize(
    ("answer", "rendering"),
    [
        ("申源湜", "Shin Wonshik"),
        ("国防部长申源湜", "Shin Wonshik"),
        ("韩国国防部长申源湜", "Shin Wonshik"),
        ("总统拜登和国防部长申源湜", "Joe Biden and Shin Wonshik"),
        ("拜登先生", "Joe Biden"),
        ("“拜登”", "Joe Biden"),
    ],
)
def test_render_of_a_person_leaves_out_the_title(answer: str, rendering: str) -> None:
    assert said(f"这是[{answer}]。") == rendering


@pytest.mark.parametrize("answer", ["韩国总统", "苹果公司CEO", "拜登的女儿", "会见拜登", "不是拜登"])
def test_render_of_someone_else_than_the_named_is_none(answer: str) -> None:
    assert said(f"这是[{answer}]。") == ""


@pytest.mark.parametrize(
    ("answer", "language", "rendering"),
    [
        ("韩国首尔", "en", "Seoul, South Korea"),
        ("韩国首尔", "ko", "한국 서울"),
        ("首尔市", "en", "Seoul"),
        ("平壤、首尔和俄罗斯", "en", "Pyongyang, Seoul, and Russia"),
        ("平壤或首尔", "en", "Pyongyang or Seoul"),
        ("平壤至首尔", "en", "Pyongyang – Seoul"),
        ("平壤、首尔等", "en", "Pyongyang and Seoul…"),
        ("平壤和某地", "en", ""),
        ("平壤-首尔", "en", ""),
    ],
)
def test_render_of_places(answer: str, language: str, rendering: str) -> None:
    assert said(f"地点：[{answer}]。", language) == rendering


def test_render_prefers_the_name_that_the_text_prints() -> None:
    text = "美国卫生部长[阿扎尔]（Alex Azar）说"
    assert said(text) == "Alex Azar"
    assert said(text, "ru") == "Alex Azar", "the place in the table is not meant"
    assert said("[阿扎尔]在黑海边", "ru") == "Аджария"
    assert said("记者[约翰·某某（John Doe）]说", "ru") == "John Doe"
    assert said("主管[博明]（Matthew Pottinger，音译）说", "ru") == "Matthew Pottinger"
    assert said("主管[甲的博明]（Matthew Pottinger）说") == ""
    assert said("主管[博明]（AFP Photo）") == ""


def test_render_of_the_ends_of_a_range_leaves_out_the_word_before_them() -> None:
    assert said("赎金[从2万到30万美元]不等") == "20,000–300,000 US dollars"
    assert said("会议[从平壤]开始") == ""


def test_render_of_a_work_is_its_name_and_no_number() -> None:
    assert said("纪录片[《六人》]") == ""


@pytest.mark.parametrize("sentence", ["记者[刘忆佳]报道", "[刘忆佳]表示", "[记者刘忆佳]报道"])
def test_render_transliterates_a_person_whose_name_is_unknown(sentence: str) -> None:
    text = sentence.replace("[", "").replace("]", "")
    span = sentence.index("["), sentence.index("]") - 1
    rendering = render(text, span, **context())
    assert rendering == Gloss(*span, "Liu Yijia", "name", is_transliteration=True)


@pytest.mark.parametrize(
    "sentence",
    ["她喜欢[刘忆佳]。", "韩国总统[刘忆佳]说", "每集长[12分钟]", "记者[贝克托尔]（Bechtol）"],
)
def test_render_transliterates_nothing_else(sentence: str) -> None:
    assert not said(sentence).startswith(("Liu", "12 F", "Bei"))
    assert said("记者[刘忆佳]说", "ja") == "", "its characters are known"


@pytest.mark.parametrize("answer", ["F-35", "安倍晋三", "15%"])
def test_render_of_what_reads_the_same_is_none(answer: str) -> None:
    assert said(f"是[{answer}]。", "ja") == ""


def test_render_in_a_language_without_locale_is_none() -> None:
    assert said("平壤或首尔", "tlh") == ""


def test_glosses_of_names_that_a_hyphen_joins_are_both() -> None:
    assert [gloss.text for gloss in glosses("平壤-首尔公司", (0, 7), **context())] == [
        "Pyongyang",
        "Seoul",
    ]


def test_glosses_are_those_of_the_range_in_order() -> None:
    text = "平壤。韩国国防部长申源湜说，平壤运送了约6700个集装箱，价值5亿美元。首尔。"
    found = glosses(text, (3, len(text) - 3), **context())
    assert [(text[gloss.start : gloss.end], gloss.text) for gloss in found] == [
        ("韩国", "South Korea"),
        ("申源湜", "Shin Wonshik"),
        ("平壤", "Pyongyang"),
        ("约6700个", "about 6,700"),
        ("5亿美元", "500 million US dollars"),
    ]


def test_glosses_leave_out_what_the_text_prints_itself() -> None:
    assert glosses("申源湜（Shin Wonshik）有5%", (0, 22), **context()) == []


def test_glosses_of_a_common_word_that_the_table_reads_as_a_person_are_none() -> None:
    text = "诗人李白在大桥下面。"
    names = KnownNames(
        FewNames({("李白", "en"): ("Li Bai",), ("大桥", "en"): ("Da Qiao",)}), FewPairs([])
    )
    found = [gloss.text for gloss in glosses(text, (0, len(text)), **context(names=names))]
    assert found == ["Li Bai"]


def test_glosses_leave_out_a_common_word_that_one_article_has_as_a_title() -> None:
    text = "巴尔说，战争和自然"
    assert [gloss.text for gloss in glosses(text, (0, len(text)), **context())] == ["William Barr"]
    assert [gloss.text for gloss in glosses("《战争》（War）。战争", (0, 10), **context())] == []


@pytest.mark.parametrize(
    "text", ["其中欧盟", "施泰因迈尔", "西部", "和政府", "几天后", "迈尔-怀尔", "怀尔-迈尔"]
)
def test_glosses_leave_out_what_may_be_a_part_of_another_word(text: str) -> None:
    known = {("中欧", "en"): ("Central Europe",), ("欧盟", "en"): ("European Union",)}
    known |= {("迈尔", "en"): ("Meir",), ("西部", "en"): ("West",)}
    known |= {("和政", "en"): ("Hezheng",), ("天后", "en"): ("Tin Hau",)}
    names = KnownNames(FewNames(known), FewPairs([]))
    found = [gloss.text for gloss in glosses(text, (0, len(text)), **context(names=names))]
    assert found in ([], ["European Union"])


def test_name_that_is_printed_in_another_script_is_a_transliteration() -> None:
    text = "韩国国防部长申源湜（Shin Wonshik）说。"
    span = (text.index("申"), text.index("（"))
    for language, expected in (("en", False), ("ru", True)):
        rendered = render(text, span, **context(language))
        assert rendered and (rendered.text, rendered.is_transliteration) == ("Shin Wonshik", expected)
