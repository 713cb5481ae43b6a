"""Pages that stand in the place of an article are refused; articles about such pages are not."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from bs4 import BeautifulSoup

from rag.errors import SeedUnreadable
from rag.ingest.page import error_pages
from rag.ingest.page.html import HtmlArticle

STORY = "海滨市的渡轮码头周一重新开放，首日运送旅客两千四百人，港务局说修理用了五个月。"


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [
        ("404", "", "page-error"),
        ("Error 404 - 海滨晚报", "很抱歉，您要找的页面已被删除。", "page-error"),
        ("页面不存在", "页面不存在\n返回首页", "page-error"),
        ("Page introuvable | Le Phare", "Page introuvable", "page-error"),
        ("Seite nicht gefunden", "Die Seite wurde nicht gefunden.", "page-error"),
        ("Страница не найдена", "", "page-error"),
        ("403 Forbidden", "nginx: forbidden", "page-error"),
        ("502 Bad Gateway", "502 Bad Gateway", "page-error"),
        ("Just a moment...", "Verify you are human by completing the action below.", "page-challenge"),
        ("Attention Required! | Cloudflare", "Please complete the security check", "page-challenge"),
        ("安全验证", "请完成下方验证后继续。", "page-challenge"),
        ("用户登录 - 海滨晚报", "请先登录。", "page-login"),
        ("Sign in", "Sign in to your account. Forgot password?", "page-login"),
        ("码头内幕", "码头合同的内幕。\n订阅后可继续阅读全文", "page-paywall"),
        ("码头内幕", "码头合同的内幕。\n本文为付费内容", "page-paywall"),
        ("The pier", "The pier was sold.\nSubscribe now to continue reading", "page-paywall"),
    ],
)
def test_check_page_in_the_place_of_an_article_is_refused(title: str, text: str, code: str) -> None:
    with pytest.raises(SeedUnreadable) as error:
        error_pages.check(title, text)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404房间的秘密", "酒店的404号房间去年发生火灾，没有人受伤。"),
        ("404 Not Found：一个展览", "这个展览收集了被删去的照片，周六在海滨美术馆开幕。"),
        ("500人参加码头长跑", STORY),
        ("登录火星的机会", STORY),
        ("码头网站被攻击", "网站显示“页面不存在”达六小时。\n港务局说，黑客改了登录页面。"),
        ("报纸改收费", f"{STORY * 4}\n读者订阅后可继续阅读全文。"),
        ("验证码为何越来越难", STORY),
        ("码头重开", "两千四百人。"),
        ("船票开售", "市民登录网站后即可查看余票。"),
        ("船票开售", "报社表示，读者订阅后才能阅读全文的规定，下月取消。"),
        ("Pier", "Residents must register to access the pier."),
    ],
)
def test_check_article_about_such_pages_is_kept(title: str, text: str) -> None:
    error_pages.check(title, text)


def test_check_short_lead_with_a_dropped_request_to_pay_is_refused() -> None:
    page = HtmlArticle(f"<p>{STORY}</p><div class=subscribe-box>订阅后阅读全文</div>")
    with pytest.raises(SeedUnreadable) as error:
        page.check("码头", page.lines("码头", ""), is_page=True)
    assert error.value.code == "page-paywall"


def cards(count: int) -> str:
    return "".join(
        f"<div><h3><a href='/{n}'>第{n}条消息的标题</a></h3><p>摘要共有{n}个字。</p></div>"
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("title", "html"),
    [
        ("首页 | 海滨晚报", cards(4)),
        ("海滨晚报", cards(8)),
        ("海滨晚报", "".join(f"<div><a href='/{n}'>第{n}条消息的标题</a></div>" for n in range(12))),
    ],
)
def test_check_list_of_articles_is_refused(title: str, html: str) -> None:
    page = HtmlArticle(html)
    with pytest.raises(SeedUnreadable) as error:
        page.check(title, page.lines(title, ""), is_page=True)
    assert error.value.code == "page-home"
    page.check(title, page.lines(title, ""), is_page=False)


def test_check_article_above_related_headlines_is_kept() -> None:
    soup = BeautifulSoup(f"<h1>码头重开</h1><p>{STORY}</p>{cards(9)}", "html.parser")
    error_pages.check("码头重开", STORY, [], soup)


@pytest.mark.parametrize("markup", ["<h3>", "<a>", "<h3><a>标题标题"])
def test_check_deep_markup_takes_bounded_time(markup: str) -> None:
    soup = BeautifulSoup(markup * 2_000, "html.parser")
    started = time.process_time()
    with suppress(SeedUnreadable):
        error_pages.check("海滨晚报", "", [], soup)
    assert time.process_time() - started < 5
