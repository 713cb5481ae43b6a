"""Plain text and Markdown: hard-wrapped prose is joined, lines that mean something stay, marks go."""

from __future__ import annotations

import html
import re
import textwrap
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rag.ingest.texts import plain_text

HAN = (
    "南桥镇自来水厂厂长林一鸣星期四在通报会上介绍了新泵站的建设进度和供水范围，东岸的三个村子下月底以前全部接入管网",
    "县里派出的检查组沿河走了两天并取走二十六份水样，检验结果要等到下周一才能公布",
    "居民反映水压在傍晚用水高峰的时候明显不足，厂方答应先把老城区那台旧水泵换掉",
    "工程总投资一千三百五十万元",
)
ENGLISH = (
    "The harbour board of Port Linden said on Monday that dredging of the northern channel would begin "
    "next month, after a delay of almost two years.",
    "Its chairman, Ruth Okafor, told reporters the work would cost nineteen million pounds and employ "
    "about three hundred people.",
    "Fishermen fear that the spoil will be dumped close to their nets.",
)


def lines(content: str, *, is_markdown: bool = False) -> list[str]:
    """The visible lines of the rendered text."""
    rendered = plain_text.to_html(content, is_markdown=is_markdown)
    parts = re.split(r"<br ?/?>|</?(?:p|li|ul|ol|blockquote|h\d|tr|s)>", rendered)
    texts = (html.unescape(re.sub(r"<[^>]*>", "", part)) for part in parts)
    return [" ".join(text.split()) for text in texts if text.strip()]


def wrap_han(paragraph: str, width: int) -> str:
    """Break after every `width` columns; a mark never begins a line."""
    broken = [""]
    for mark in paragraph:
        if 2 * len(broken[-1]) + 2 > width and mark not in "，。":
            broken.append("")
        broken[-1] += mark
    return "\n".join(broken)


def breaks_within_sentences(content: str) -> bool:
    """Whether most lines stop at no mark; else nothing tells a wrapped text from lines by choice."""
    broken = [line for line in content.split("\n")[:-1] if line]
    return 2 * sum(line[-1] not in "，。" for line in broken) > len(broken)


PARAGRAPHS_HAN = st.lists(
    st.permutations(HAN).map(lambda parts: "。".join(parts) + "。"),
    min_size=1,
    max_size=5,
)
PARAGRAPHS_ENGLISH = st.lists(
    st.lists(st.sampled_from(ENGLISH), min_size=1, max_size=4).map(
        lambda parts: " ".join([ENGLISH[0], *parts])
    ),
    min_size=1,
    max_size=5,
)


@given(PARAGRAPHS_HAN, st.integers(30, 80), st.booleans())
@settings(max_examples=30, deadline=None)
def test_wrapped_han_is_read_back(paragraphs: list[str], width: int, is_markdown: bool) -> None:
    content = "\n\n".join(wrap_han(paragraph, width) for paragraph in paragraphs)
    assume(breaks_within_sentences(content))
    ends = [line[-1] for line in content.split("\n") if line]
    # Lines that nearly all end with a clause may be lines of a list.
    assume(sum(end in "，。" for end in ends) < len(ends) / 2)
    assert lines(content, is_markdown=is_markdown) == paragraphs


@given(PARAGRAPHS_ENGLISH, st.integers(30, 80), st.booleans())
@settings(max_examples=30, deadline=None)
def test_wrapped_english_is_read_back(paragraphs: list[str], width: int, is_markdown: bool) -> None:
    content = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in paragraphs)
    assert lines(content, is_markdown=is_markdown) == paragraphs


@given(PARAGRAPHS_HAN, st.integers(30, 80))
@settings(max_examples=30, deadline=None)
def test_wrapped_indented_paragraphs_without_blank_lines_are_read_back(
    paragraphs: list[str], width: int
) -> None:
    content = "\n".join(wrap_han("　　" + paragraph, width) for paragraph in paragraphs)
    assume(breaks_within_sentences(content))
    assert lines(content) == paragraphs


@given(st.lists(st.sampled_from([*HAN, *ENGLISH]), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_paragraphs_of_one_line_stay(paragraphs: list[str]) -> None:
    paragraphs = [paragraph.rstrip(".") + "。" for paragraph in paragraphs]
    assert lines("\n".join(paragraphs)) == paragraphs


@given(st.text(st.sampled_from("\n \t\u3000-=|*~[]!%{}<^#:a9汉，。”"), max_size=300), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_text_is_rendered(content: str, is_markdown: bool) -> None:
    assert isinstance(plain_text.to_html(content, is_markdown=is_markdown), str)
    assert all(plain_text.split_title(content + "x", "名", is_markdown=is_markdown))


KEPT = {
    "medals": "第一名：南桥队，42 分\n第二名：东岸队，38 分\n第三名：西坡队，35 分。",
    "chronology": "2021年3月：泵站立项，省里批复了方案\n2022年6月：泵站开工，两台水泵运到\n2023年9月：泵站建成，当月开始供水。",
    "poem": "山风吹过旧时的渡口，\n河水还记得去年的灯，\n我们在桥上等一封信，\n等到秋天也没有回声。",
    "verse": "The tide came in across the sand,\nAnd took the castle that we made,\nIt left a feather in my hand,\nAnd left us nothing but the shade.",
    "list": "- 自来水厂的新泵站下月底以前投入运行\n- 老城区的旧水泵要在下个星期全部换掉\n- 检验结果要等到下周一上午才能公布。",
    "numbered": "1. 自来水厂的新泵站下月底以前投入运行\n2. 老城区的旧水泵要在下个星期全部换掉\n3. 检验结果下周一公布。",
    "dialogue": "记者：新泵站什么时候可以开始供水？\n厂长：下月底以前，三个村子全部接入。\n记者：水价会不会上涨？\n厂长：今年不会。",
    "table": "村名\t户数\t已接入\n东岸\t210\t198\n西坡\t97\t60。",
    "headlines": "南桥镇自来水厂新泵站开工\n县检查组取走二十六份水样\n港务局疏浚北航道",
    "sentences": "自来水厂的新泵站下月底以前投入运行。\n旧水泵要换掉。\n检验结果要等到下周一上午才能公布。",
}


@pytest.mark.parametrize("content", KEPT.values(), ids=KEPT.keys())
def test_lines_that_mean_something_stay(content: str) -> None:
    wanted = [" ".join(line.split()) for line in content.split("\n")]
    assert lines(content) == wanted
    prose = "\n\n".join(wrap_han(f"{HAN[0]}。{HAN[1]}。", 40) for _ in range(3))
    assert lines(f"{prose}\n\n{content}")[3:] == wanted, "within a wrapped text"


def test_short_line_within_a_sentence_is_joined_and_one_after_it_is_not() -> None:
    content = (
        f"通报会\n{wrap_han(HAN[0], 44)}，投资为三百\n五十万元。\n{wrap_han(HAN[1] + '。', 44)}\n完。"
    )
    assert lines(content) == ["通报会", f"{HAN[0]}，投资为三百五十万元。", f"{HAN[1]}。", "完。"]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("a long-established and well-", "known harbour firm said so.", "well-known harbour"),
        ("the port was closed for re-", "pairs until May; repairs cost.", "for repairs until"),
        ("the port needs both short-", "and long-term loans.", "short- and long-term"),
        ("부산항 항만공사는 월요일에 준설 작업을", "다음 달에 시작한다고 밝혔다.", "작업을 다음"),
        ("林厂长说新泵站总共要供应三个村子", "210户人家的用水。", "村子210户"),
        ("林厂长说新泵站 2 台水泵供应村子", "210 户人家的用水。", "村子 210 户"),
    ],
)
def test_join_puts_a_space_where_the_language_has_one(first: str, second: str, joined: str) -> None:
    assert joined in lines(f"{first}\n{second}")[0]


def test_plain_text_is_escaped() -> None:
    assert (
        plain_text.to_html("a < b & <b>c</b>", is_markdown=False)
        == "a &lt; b &amp; &lt;b&gt;c&lt;/b&gt;"
    )


MARKDOWN = {
    "wiki link": ("见[[林一鸣|厂长]]和[[泵站]]。", "见厂长和泵站。"),
    "embedded": ("前![[图.png|300]]后。", "前后。"),
    "footnote": ("投资一千万元[^a]。\n\n[^a]: 厂方 的数字。", "投资一千万元。 厂方 的数字。"),
    "callout": ("> [!warning]- 停水\n> 周五停水。", "停水 周五停水。"),
    "comment": ("前。%%草稿\n\n未定%%\n\n<!-- 草稿 -->后。", "前。 后。"),
    "highlight": ("这是==重点==内容，a==b 且 c==d。", "这是重点内容，a==b 且 c==d。"),
    "shortcode": (
        '前。\n\n{{< figure src="a.jpg" title="图" >}}\n\n{% include x.html %}后。',
        "前。 后。",
    ),
    "link in brackets": ("见[[1]](https://x.example)。", "见[1]。"),
    "list wrapped": ("- 甲。\n- 乙。", "甲。 乙。"),
    "breaks": ("地址：南桥路\n电话：12345", "地址：南桥路 电话：12345"),
}


@pytest.mark.parametrize(("content", "text"), MARKDOWN.values(), ids=MARKDOWN.keys())
def test_markdown_marks_are_left_out(content: str, text: str) -> None:
    assert " ".join(lines(content, is_markdown=True)) == text


def test_markdown_marks_in_code_stay() -> None:
    assert "[[a|b]] ==c==" in plain_text.to_html("```\n[[a|b]] ==c==\n```", is_markdown=True)


def test_markdown_struck_text_is_marked_for_the_page_reader() -> None:
    assert "<s>三</s>四人" in plain_text.to_html("共~~三~~四人。", is_markdown=True)


@pytest.mark.parametrize("prefix", ["> ", "- ", "1. "])
def test_markdown_wrapped_within_a_list_or_quotation_is_joined(prefix: str) -> None:
    paragraph = f"{HAN[0]}。{HAN[1]}。"
    rest = prefix if prefix == "> " else " " * len(prefix)
    inner = wrap_han(paragraph, 40).replace("\n", f"\n{rest}")
    content = f"{wrap_han(paragraph, 40)}\n\n{prefix}{inner}"
    assert lines(content, is_markdown=True) == [paragraph, re.sub("^> ", "", paragraph)]


@pytest.mark.parametrize(
    ("content", "is_markdown", "expected"),
    [
        ("# 标题 ##\n正文", True, ("标题", "正文")),
        ("# C#\n正文", True, ("C#", "正文")),
        ("## **粗**与[链接](https://x.example) [[a|b]]~~废~~\n正文", True, ("粗与链接 b", "正文")),
        ("标题\n===\n正文", False, ("标题", "正文")),
        ("# 只有标题", True, ("只有标题", "只有标题")),
        ("短句\n\n正文", False, ("短句", "\n正文")),
        ("短句\n\n正文", True, ("名", "短句\n\n正文")),
        ("长" * 101 + "\n\n正文", False, ("名", "长" * 101 + "\n\n正文")),
        ("第一行\n第二行", False, ("名", "第一行\n第二行")),
    ],
)
def test_split_title_gives_heading_or_first_line_or_name(
    content: str, is_markdown: bool, expected: tuple[str, str]
) -> None:
    assert plain_text.split_title(content, "名", is_markdown=is_markdown) == expected


@pytest.mark.parametrize(
    "content",
    [
        "# " + " #" * 5_000 + "x",
        "{{<" * 5_000,
        "%%" * 5_001,
        "%% " * 1_999 + "%" * 5_001,
        "[[" * 2_000,
        "==a" * 3000,
        "> " * 2000 + "x",
        "[^" * 2_000,
        "\n".join(["汉" * 20] * 2_000),
        "~~a" * 2000,
    ],
)
def test_hostile_text_takes_bounded_time(content: str) -> None:
    started = time.process_time()
    for is_markdown in (True, False):
        _, rest = plain_text.split_title(content, "名", is_markdown=is_markdown)
        plain_text.to_html(rest, is_markdown=is_markdown)
    assert time.process_time() - started < 2
