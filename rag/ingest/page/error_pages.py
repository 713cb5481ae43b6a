"""Recognises pages that a site shows in the place of an article: errors, challenges, logins, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from rag.errors import SeedUnreadable

_ERROR_CHARACTERS = 200
_REMARK_CHARACTERS = 30
_CHALLENGE_CHARACTERS = 600
_LOGIN_CHARACTERS = 120
_LEAD_CHARACTERS = 150
_STUB_CHARACTERS = 400
_SUMMARY_CHARACTERS = 100
_HEADLINES, _HEADLINES_OF_HOME = 6, 3
_LINKS = 10
_LINK_SHARE = 0.8
_LINK_DEPTH = 4
_HEADINGS_READ = 200
_SITE = r"(?:\s*[-–—|_·:：]\s*.{0,60})?"
_MISSING = (
    r"(?:页面|頁面|网页|網頁|内容|內容|文章|链接|連結|地址|网址|網址)[^。！？]{0,12}"
    r"(?:不存在|找不到|未找到|已?被?(?:删除|刪除|移除)|已?失效|走丢了?)"
    r"|(?:找不到|未找到|無法找到|无法找到)[^。！？]{0,12}(?:页面|頁面|网页|網頁|内容|內容|文章)"
    r"|(?:page|article|url|file|content)[^.]{0,30}(?:not found|not be found|does(?:n['’]t"
    r"| not) exist|n['’]t find"
    r"|no longer (?:exists|available))|(?:can['’]?t|cannot|could ?n[o'’]t) find[^.]{0,20}(?:page"
    r"|article)"
    r"|not found|page introuvable|seite (?:wurde )?nicht gefunden|página no (?:encontrada|existe)"
    r"|página não encontrada|pagina non trovata|страниц\w{0,2} не (?:найдена|существует)"
    r"|ページが見つかりません|페이지를 찾을 수 없"
)
_REFUSED = (
    r"forbidden|access (?:is )?denied|permission to access|unauthori[sz]ed|拒绝访问|禁止访问"
    r"|拒絕存取|禁止存取|访问被拒绝"
    r"|(?:没有|沒有|无|無)权限?(?:访问|查看)|accès refusé|zugriff verweigert|доступ запрещ[её]н"
)
_BROKEN = (
    r"internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out"
    r"|too many requests"
    r"|服务器(?:内部)?(?:错误|出错|繁忙)|伺服器(?:內部)?錯誤|系统(?:错误|繁忙)"
    r"|erreur (?:interne )?du serveur|interner serverfehler"
    r"|внутренняя ошибка сервера"
)
_FAULT = re.compile(f"{_MISSING}|{_REFUSED}|{_BROKEN}", re.IGNORECASE)
_ERROR_TITLE = re.compile(
    rf"(?:.{{0,30}}[-–—|_]\s*)?(?:(?:(?:http\s*)?(?:error|错误|錯誤|出错了?|fehler|erreur"
    rf"|ошибка)\s*[:：-]?\s*)?"
    rf"(?:40[0134]|410|429|50[0234])(?:页面|頁面)?(?!\w).{{0,30}}|(?:oops\W{{0,3}}|抱歉[，,]?"
    rf"|对不起[，,]?|sorry\W{{0,3}})?"
    rf".{{0,16}}(?:{_MISSING}|{_REFUSED}|{_BROKEN}).{{0,4}}){_SITE}",
    re.IGNORECASE,
)
_CHALLENGE_TITLE = re.compile(
    r"(?:just a moment|one moment,? please|attention required|access denied|checking your browser"
    r"|security check"
    r"|please wait|are you (?:a )?(?:robot|human)|robot check|(?:ddos|bot) protection"
    r"|human verification"
    r"|安全(?:验证|检查|檢查)|安全驗證|人机验证|人機驗證|访问验证|(?:请输入)?验证码|驗證碼|请稍候"
    r"|請稍候|滑动验证)"
    rf"\W{{0,4}}{_SITE}",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"checking (?:if the site connection is secure|your browser)|verif(?:y"
    r"|ying) (?:that )?you are (?:a )?human"
    r"|enable javascript and cookies|complete the (?:security check|captcha)|unusual traffic from your"
    r"|confirm (?:that )?you(?:['’]re| are) not a robot|ray id|"
    r"请?(?:完成|通过|进行|輸入|输入|拖动)[^。]{0,12}(?:验证|驗證|滑块)|正在(?:检查|验证"
    r"|檢查)您的浏览器|异常(?:访问|流量)",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"(?:(?:用户|会员|會員|帐号|账号|請|请)?(?:登录|登入|登陆)|log[ -]?in|sign[ -]?in|anmelden"
    r"|anmeldung|connexion"
    rf"|se connecter|iniciar sesión|вход|войти|ログイン|로그인){_SITE}",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:请|請|需要?|须)先?(?:登录|登入|登陆)|(?:登录|登入)(?:后|後|以)|(?:log|sign) ?in (?:to"
    r"|with)|忘记密码|忘記密碼"
    r"|forgot (?:your )?password|mot de passe oublié|passwort vergessen|забыли пароль",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"(?:订阅|訂閱|付费|付費|购买|購買|开通|開通|登录|登入|加入|成为|成為)[^。！？]{0,16}(?:后|後"
    r"|即可|以|才能|可)"
    r"[^。！？]{0,8}(?:(?:继续|繼續)?(?:阅读|閱讀|查看|浏览)(?:[^。！？]{0,4}"
    r"(?:全文|本文|此文|完整|更多|余下|剩余|文章|内容|內容|原文)|\W|$)|(?:解锁|解鎖)(?:全文|本文"
    r"|内容|文章|\W|$))"
    r"|(?:本文|此文|全文|本内容|以下内容|以下內容|余下内容|剩余内容)[^。！？]{0,6}(?:付费|付費"
    r"|会员|會員|订阅|訂閱|订户|訂戶)"
    r"[^。！？]{0,6}(?:内容|內容|文章|专享|專享|专属|專屬|可读|可看|阅读|閱讀)"
    r"|(?:^|[.!?…]\s?)(?:please )?(?:subscribe|sign up|register|become a (?:member|subscriber)"
    r"|log in|join)"
    r"[^.!?]{0,24}\bto (?:read|continue|keep reading|unlock|access|view)"
    r"|this (?:article|content|story|post) [^.!?]{0,24}(?:for|to) (?:our |paid |paying |premium ){0,2}"
    r"(?:subscribers|members)|réservé (?:à nos|aux) abonnés|nur für abonnenten"
    r"|solo para suscriptores|только для подписчиков",
    re.IGNORECASE,
)
_REPORTED = re.compile(r"(?:说|說|表示|称|稱|指出|规定|規定)(?:[，。：:]|$)")
_HOME_TITLE = re.compile(
    rf"(?:(?:网站)?首页|主页|首頁|主頁|home(?:page)?|front page|startseite|accueil|главная"
    rf"|新闻列表|最新消息){_SITE}"
    r"|.{1,40}\s*[-–—|_]\s*(?:首页|首頁|home(?:page)?)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^\s。！？.]{8}[^。！？\n]{0,400}[。！？.]\s*$")
_HEADINGS = ["h2", "h3", "h4", "h5"]


def check(
    title: str, text: str, notices: Sequence[str] = (), soup: BeautifulSoup | None = None
) -> None:
    """Raise `SeedUnreadable` if a site shows this in the place of an article.

    `text` has the content lines, `notices` what was left out of them. `soup` is the page; None for an
    article without one, such as plain text.
    """
    if code := _code(title, text, notices, soup):
        raise SeedUnreadable(code)


def _code(title: str, text: str, notices: Sequence[str], soup: BeautifulSoup | None) -> str:
    if len(text) <= _CHALLENGE_CHARACTERS and _is_challenge(title, text):
        return "page-challenge"
    if len(text) <= _ERROR_CHARACTERS and _is_error(title, text):
        return "page-error"
    if len(text) <= _LOGIN_CHARACTERS and _is_login(title, text, soup):
        return "page-login"
    if _is_paywall(text, notices):
        return "page-paywall"
    return "page-home" if soup and _is_home(title, text, soup) else ""


def _is_challenge(title: str, text: str) -> bool:
    return bool(
        _CHALLENGE_TITLE.fullmatch(title) and (not _rest(title, text) or _CHALLENGE.search(text))
    )


def _is_error(title: str, text: str) -> bool:
    if not _ERROR_TITLE.fullmatch(title):
        return False
    rest = _rest(title, text)
    is_remark = len(rest) <= _REMARK_CHARACTERS and not _SENTENCE.search(rest)
    return is_remark or bool(_FAULT.search(rest))


def _is_login(title: str, text: str, soup: BeautifulSoup | None) -> bool:
    if _LOGIN_TITLE.fullmatch(title):
        return not text or bool(_LOGIN.search(text)) or not _SENTENCE.search(text)
    has_password = soup is not None and soup.find("input", type="password") is not None
    return has_password and bool(_LOGIN.match(text))


def _is_paywall(text: str, notices: Sequence[str]) -> bool:
    """Whether a text is no more than a lead before the request to pay."""
    lines = text.split("\n")
    wall = next((at for at, line in enumerate(lines) if _is_request(line)), None)
    if wall is not None:
        return sum(map(len, lines[:wall])) <= _LEAD_CHARACTERS and len(text) <= _STUB_CHARACTERS
    return len(text) <= _LEAD_CHARACTERS and any(map(_is_request, notices))


def _is_request(line: str) -> bool:
    is_short = len(line) <= _SUMMARY_CHARACTERS
    return is_short and bool(_PAYWALL.search(line)) and not _REPORTED.search(line)


def _is_home(title: str, text: str, soup: BeautifulSoup) -> bool:
    if any(len(line) > _SUMMARY_CHARACTERS for line in text.split("\n")):
        return False
    is_titled = bool(_HOME_TITLE.fullmatch(title))
    headlines = [tag for tag in soup.find_all(_HEADINGS, limit=_HEADINGS_READ) if _is_linked(tag)]
    if len(headlines) >= (_HEADLINES_OF_HOME if is_titled else _HEADLINES):
        return is_titled or not _has_prose_before(headlines[0])
    least = _LINKS if _rest(title, text) else _HEADLINES_OF_HOME
    return not _SENTENCE.search(text) and _is_list_of_links(soup, least)


def _is_linked(heading: Tag) -> bool:
    link = heading.find("a") or heading.find_parent("a")
    return isinstance(link, Tag) and len(link.get_text(strip=True)) >= 4


def _has_prose_before(tag: Tag) -> bool:
    """Whether an article begins above the first of the headlines, which are then related stories."""
    return any(_SENTENCE.search(element.get_text()) for element in tag.find_all_previous("p"))


def _is_list_of_links(soup: BeautifulSoup, least: int) -> bool:
    linked = [len(text) for string in soup.strings if _is_in_link(string) and (text := string.strip())]
    characters = sum(len(string.strip()) for string in soup.strings if not _is_title(string))
    return len(linked) >= least and sum(linked) >= _LINK_SHARE * characters


def _is_in_link(string: NavigableString) -> bool:
    return any(parent.name == "a" for parent in islice(string.parents, _LINK_DEPTH))


def _is_title(string: NavigableString) -> bool:
    return string.parent is not None and string.parent.name == "title"


def _rest(title: str, text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.strip() not in ("", title))
