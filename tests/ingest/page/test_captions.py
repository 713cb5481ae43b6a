"""Pictures with a credit go together with their captions; the text beside them stays."""

from __future__ import annotations

import pytest

from rag.ingest.page.html import HtmlArticle


def read(html: str) -> str:
    return "\n\n".join(HtmlArticle(html).lines("标题", "news.example"))


def test_caption_is_removed_with_its_credit_and_neighbours_stay() -> None:
    picture = (
        "<div><div><img><p><span>图像来源，</span><span>AFP</span></p></div><p>会面的照片。</p></div>"
    )
    html = f"<main><div><p>{'前' * 200}</p></div><div>{picture}</div><div><p>后。</p></div></main>"
    assert read(html) == f"{'前' * 200}\n\n后。"


@pytest.mark.parametrize(
    "html",
    [
        "<div><p>东京发生5级地震。</p><div><img><p>图像来源，AFP</p></div></div>",
        "<div><div><img><p>图像来源，AFP</p></div><p>东京发生5级地震。</p></div>",
        "<p>图片来源：Reuters<br>东京发生5级地震。</p>",
        "<p><img><br>图片来源：Reuters<br>东京发生5级地震。</p>",
        "<div><img><br>图片来源：Reuters<br></div><p>东京发生5级地震。</p>",
        "<p>图片来源：Reuters</p><p>东京发生5级地震。</p>",
        "<form><p>东京发生5级地震。</p></form>",
    ],
)
def test_caption_in_a_short_article_leaves_its_text(html: str) -> None:
    assert read(html) == "东京发生5级地震。"


def test_credit_within_a_sentence_is_no_credit() -> None:
    html = "<div><div><img>他说，图片来源：不明，仍在查。</div></div><p>完。</p>"
    assert read(html) == "他说，图片来源：不明，仍在查。\n\n完。"


@pytest.mark.parametrize(
    "caption",
    [
        "▲栈桥在修理中",
        "△ 栈桥的新貌",
        "▼重开的码头",
        "图：新的栈桥",
        "圖：新的棧橋",
        "图/王一",
        "（图源：海滨晚报）",
        "图为重开的码头。",
    ],
)
@pytest.mark.parametrize(
    "html", ["<img><p>{}</p>", "<p>{}</p><img>", "<p><img><br>{}</p>", "<p>{}<img></p>"]
)
def test_caption_without_markup_beside_a_picture_is_removed_and_told(caption: str, html: str) -> None:
    page = HtmlArticle(f"<p>前段在这里。</p>{html.format(caption)}<p>后段在这里。</p>")
    assert page.lines("", "") == ["前段在这里。", "后段在这里。"]
    assert [dropped.text for dropped in page.dropped] == [caption]


@pytest.mark.parametrize(
    "text",
    ["▲上证指数收报三千点。", "图为重开的码头。"],
)
def test_caption_like_line_away_from_pictures_stays(text: str) -> None:
    html = f"<p>前段在这里。</p><p>{text}</p><p>后段在这里。</p><img>"
    assert HtmlArticle(html).lines("", "")[1] == text


def test_caption_like_paragraph_beside_a_picture_stays() -> None:
    text = f"图为此案的关键，法官说，{'控辩双方都要求鉴定这张图，' * 8}鉴定将在周五完成。"
    assert HtmlArticle(f"<img><p>{text}</p>").lines("", "") == [text]
