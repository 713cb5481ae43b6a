"""The boilerplate table: patterns of lines on news pages that are not part of the article.

To add a site, extend `SITES` or `TITLE_SUFFIXES`. A pattern is matched against a whole line with white
space folded. `ANY` holds at every site, `HEAD` and `FOOT` only near the ends of an article, `SITES` at
one host and its subdomains.
"""

from __future__ import annotations

import re

_ROLE = (
    r"(?:责任|責任|特约|特約|实习|實習|本[台报報]|视频|視頻|音频|音頻|封面)?"
    r"(?:作者|撰文|撰稿|供稿|记者|記者|编辑|編輯|责编|責編|网编|網編|主编|主編|编译|編譯|编写|編寫|翻[译譯]|[译譯]者|[译譯]文"
    r"|审校|審校|审核|審核|审阅|核稿|校对|校對|校稿|采集|采编|採編|排版|[发發]布|[发發]稿|上[传傳]者?|上传排版|制作|製作|剪[辑輯]|配音|播音"
    r"|播\s*[报報]|朗[读讀]|字幕|文案|整理|[听聽][写寫译譯]|美工|策划|策劃|监制|監製|[摄攝]影|[图圖](?:片|像)?(?:来源|來源)?|[来來]源"
    r"|音频|音頻|视频|視頻|文|By|Photos?|Author|Edited by|Translated by)"
)
_NAMES = r"[^。！？，；：?!,;:|]{0,40}?"
_PERSON = (
    r"(?:[作记記编編译譯]者|责编|責編|网编|網編|编辑|編輯|编译|編譯|审校|審校|核稿|翻译|翻譯"
    r"|发稿|發稿|撰稿|摄影|攝影)"
)
_CREDITED_ROLES = (
    rf"[（(【\[*]*(?:(?:{_ROLE}(?:\s*[/／、&和及]\s*{_ROLE})*\s*[:：丨｜|/／]|{_PERSON}\s)"
    rf"\s*{_NAMES}[\s；;|，,]*){{1,5}}"
    r"[）)】\]#*]*"
)
_AGENCIES = r"(?:综合|綜合|报[道导]|報[道導]|[法德美路俄韩朝]\S{0,2}社|中央社|摘编|摘編|编译|編譯)"
CREDIT = (
    r"(?:图像来源|图片来源|图片版权|圖像來源|圖片來源|圖片版權|Image (?:source|copyright|caption))"
    r"(?:[，,:：][^。！？]{0,60}|\s*)"
)
"""The credit of a picture, such as 图像来源，AFP."""
CREDIT_HINT = re.compile("来源|來源|版权|版權|Image (?:source|copyright)")
"""Found in every page that has a credit: quicker than looking for credits."""
CREDIT_LINE = re.compile(rf"^\s*{CREDIT}\s*$")

_REPORTED = r"(?:说|說|表示|称|稱|指出|呼吁|呼籲|警告)(?:[，。：:]|$)"
"""Marks a sentence of news."""
_CHANNEL = (
    r"(?:我们|我們|我的|本[报報刊台网網站]|公[众眾]号|公眾號|微信|微博|[频頻]道|[账帳賬][号號]"
    r"|[电電][报報]|[电電]子[报報]|[邮郵]件|通[讯訊]"
    r"|简报|簡報|推特|[脸臉][书書]|客[户戶]端|Twitter|YouTube|Facebook|Telegram|Instagram|WhatsApp|RSS"
    r"|App\b|[@#]|https?:)"
)
"""Where a site asks its readers to follow it."""

_SMALL_PRINT = (
    r"(?:Terms of (?:use|service)|Privacy policy|使用条款|隐私政策|私隱政策|隱私政策|服务条款|服務條款)"
)
_SITE_LINK = (
    r"(?:[关關][于於]我[们們]|[联聯][系繫絡络]我[们們]|网站地图|網站地圖|[广廣]告服[务務]|免[责責][声聲]明|版[权權][声聲]明"
    r"|加入我[们們]|[网網]站首[页頁]|Contact(?: us)?|About(?: us)?|Sitemap)"
)

ANY = (
    r"(?!…+$)[\W_]*|[\d:,.]+ ?[-–—]+> ?[\d:,.]+",  # rules, stars, subtitle times
    r"(?:分享|share|转发|轉發|打印|列印|收藏|评论|評論|广告|廣告|advertisement)(?:到\S{0,8}|文章|此文)?\s*[:：]?",
    r"(?:最近?更新\s*[:：]?\s*)?\d+\s*(?:秒|分|小时|小時|天)[钟鐘]?之?前",
    CREDIT,
    r"[（(【*]*(?:封面)?(?:网络|網路|網絡|资料|資料)?(?:图片?|圖片?|照片|截图|截圖)(?:(?:来自"
    r"|來自|来源于|來源於|取自)[^。，]{0,60}|[:：/].{0,60})[）)】*]*",
    r"[（(]?(?:网络|網路|網絡|视频|視頻|资料|資料)(?:图片?|圖片?|截图|截圖)[）)]?",
    r"[^\w]*(?:您|你|也|还|可以|可|敬|如){0,4}"
    rf"(?:欢迎|歡迎|点击|點擊|请|請)(?!.{{0,150}}{_REPORTED}).{{0,20}}(?:订阅|訂閱|关注|關注)"
    rf"(?:[^。]{{0,30}}(?:{_CHANNEL}|全文|更多(?:内容|內容|资讯|資訊|新闻|新聞|精彩|报道"
    rf"|報道)).{{0,90}}|\W*)",
    r"(?:更多(?:资讯|資訊|新闻|新聞|信息|内容|報道|报道).{0,6}(?:关注|關注|订阅|訂閱|阅读|閱讀"
    r"|点击|點擊)[^。]{0,20})[:：]?",
    r"(?:[©ⓒ]|&copy;|Copyright\s*[©(:]).{0,160}",
    r"(?:Copyright\s*\d{4}(?:\s?[-–]\s?\d{4})?[\s,.]*"
    r"(?:(?-i:[A-Z\u4e00-\u9fff])\S{0,30}(?:\s+|$)|(?:by|of|and|the|&)\s+){0,9})?"
    r"(?:All rights reserved(?!\s+(?!by\b|to\b|worldwide\b)[a-z]).{0,160})?",
    r"(?:版权|版權)(?:所有|声明|聲明)(?:[^\w，,、].{0,160})?",
    r"(?:版权所有|版權所有)(?:不得|未经|未經|翻印|侵权).{0,60}|[\W_]{0,5}(?:上"
    r"|下)一[篇页頁](?:\s*[:：].{0,60}|\s[^。！？]{0,60}|[\W_]{0,5})",
    r"(?:免责|免責)(?:声明|聲明)[:：].{0,100}",
    r"(?:相关|相關|延伸|推荐|推薦|更多|热门|熱門|猜你){1,2}"
    r"(?:新闻|新聞|报道|報道|報導|阅读|閱讀|内容|內容|文章|链接|連結|话题|話題|喜欢){1,2}\s*[:：]?",
    r"(?:related|read more|more on this story|see also|recommended|comments)\W*",
    r"相[关關][^。，：:\s]{0,8}(?:推荐|推薦|阅读|閱讀|链接|連結|报道|報導|图集|圖集)\s*[:：][^。]{0,60}",
    r"(?:消息|资料|資料|信息|新闻|新聞|参考|參考)?(?:来源|來源|链接|連結)\s*[:：]",
    r"The post .+ (?:appeared first|first appeared) on .+|Translated by [^.]{1,40}",
    r"全文共?\s*\d+\s*字.{0,30}|(?:视频\s*【[^】]*】\s*)+(?:【[^】]*】\s*)*",
    r"[图圖][为為][^。]{2,80}[（(][^）)]{2,20}[）)]",
    r"(?:[^。！？\s]{0,24}[:：]?\s*)?https?://[!-~]+",
    rf"{_SMALL_PRINT}(?:\s?[|｜·•/]?\s?(?:{_SMALL_PRINT}|{_SITE_LINK})){{0,12}}"
    rf"|(?:{_SITE_LINK}\s?[|｜·•/]\s?){{1,12}}(?:{_SMALL_PRINT}|{_SITE_LINK})",
    r"(?:please|you (?:need to|must)|this (?:site|website|page|app)|请|請|您|本[站页頁网網])"
    r"[^。.]{0,40}(?:enable|turn on|启用|啟用|开启|開啟|打开|打開|requires?)"
    r"[^。.]{0,20}JavaScript.{0,80}",
    r"(?:获取更多RSS|本文由\S{0,20}自动).*",
    r".{1,80} was originally published in .{1,60} on Medium, where people are continuing.*",
    r"This (?:article|story) (?:appeared in|was originally published).{0,200}",
    r"Feed enhanced by .*|Post tags:.*|.{0,200}\|\s{0,3}Permalink\s{0,3}\|.{0,200}",
    r"[（(【]?\s?(?:[图圖]源\s?[:：/]|[图圖]\s?[/／])\s?[^。！？]{1,40}[）)】]?",
)
"""At every site, anywhere in an article."""
NUMBER = re.compile(r"\d{1,3}[\W_]*")
"""A number alone: of a page, a subtitle, comments; or of a result, which is part of the article."""
COUNT = re.compile(r"\d{1,3}")
RESULT = re.compile(r"(?:0|[1-9]\d{0,2})\s?[%％]?")
LABEL = re.compile(r"(?=.{0,16}$)[^\W\d][^。！？]*")
"""What a result is of, in a line of its own."""
PICTURE_CAPTION = re.compile(
    r"(?:[▲△▼▽]\s?|[（(]?(?:图|圖|图源|圖源|照片)\s?[:：/／]|[图圖](?:为|為)).{1,80}", re.DOTALL
)
"""A caption without markup, in a line beside a picture."""
HEAD = (
    _CREDITED_ROLES,
    r"[（(【]?(?:本报讯|本網訊|综合讯)[）)】]?",
)
"""At every site, in the first lines."""
FOOT = (
    _CREDITED_ROLES,
    rf"[^。！？]{{0,24}}[（(][^）)。]{{0,24}}{_AGENCIES}[^）)。]{{0,24}}[）)]",
    r"[（(]\s*(?:完|待续|待續|未完待续|未完待續)\s*[）)]",
    r"[（(](?=[^）)]*(?:责任编辑|責任編輯|责编|翻译|作者介绍|作者简介))[^）)]{1,200}[）)]",
    r"[^\s。，：:]{0,6}(?:记者|記者)\s+[^\s。，]{2,4}",
)
"""At every site, in the last lines."""
SITES: dict[str, tuple[str, ...]] = {
    "bbc.com": (
        r"使用浏览器播视频.*|你的器材不支持播放多媒体材料|告知：第三方内容可能包含广告",
        r"(?:跳过|结尾|跳過|結尾) .{1,20} ?(?:帖子|内容|podcast).{0,20}",
        r"BBC\s?(?:中文)?(?:记者|記者)?|BBC (?:Future|Reel|News).{0,20}|无内容",
        r"(?:继续浏览|繼續瀏覽) (?:Twitter|YouTube|Facebook|Instagram).*",
        r"BBC(?:对|對)外部.{0,4}(?:内容|內容)不(?:负责任|負責任).?",
    ),
    "dw.com": (
        r".{0,3}\d{4}年\s?德国之声版权声明.*|.{0,20}欢迎.{0,20}德国之声.{0,60}",
        r"德国之声致力于为您提供客观中立的新闻报[道导].*|摘编自其他媒体的内容，不代表德国之声的立场或观点。?",
    ),
    "voachinese.com": (
        r"嘉宾和观众听众发表的都是个人观点，并不代表美国之音。?|时事大家谈(?:每|星期).{0,40}收看。?",
        r"[（(]?(?:本文|此文)(?:依据|根据|参考)了?.{0,30}(?:报道|报导|消息)。?[）)]?",
    ),
    "nytimes.com": (
        r"点击查看本文英文版。?|本文(?:最初发表于|根据).{0,30}|观点记录片\(Op-Docs\)",
        r".{1,80}对本文有(?:报道|研究)贡献。?",
        # about the author
        r"[A-Z][A-Za-z .’'-]{3,40}(?:是《?(?:纽约)?时报|负责(?:为.{1,20})?报道).{0,240}",
        r"感谢阅读今天的简报.*|[（(]?欢迎点击此处订阅.*|.{2,200}(?:欢迎|歡迎)在(?:Twitter|X|Facebook|推特).{0,30}(?:关注|關注).{0,60}",
    ),
    "reuters.com": (
        r"我们的标准[:：]汤森路透.{0,10}信任原则.?|[（(]?(?:发稿|编译|编审|整理|审校) .{1,60}",
    ),
    "rfa.org": (
        r"[（(]?(?:自由亚洲电台)?(?:特约)?记者[:：]?\s?.{1,30}(?:责编|網編|网编).{0,40}|.{0,30}责编[:：]?\s?.{1,20}网编.{0,12}",
        r"自由亚洲电台\S{0,6}记者.{1,24}(?:报[道导])",
    ),
    "rfi.fr": (r"(?:下载|下載)法广应用程序.*|(?:浏览|瀏覽)其他章节|法新社",),
    "epochtimes.com": (
        r"【支持】为真相护航.*|新唐人大纪元.{0,20}制作组|(?:大纪元|大紀元)\S{1,8}(?:直播)?[:：]\s*\S+",
    ),
    "gnews.org": (
        r"ROL (?:Foundation|Society)",
        r"(?:上传排版|图文排版|文稿|审核|发布|上传|制图|推送).{0,3}[:：].{1,40}|.{0,8}视频(?:来源"
        r"|制作|剪辑)\s?[:：].{1,60}",
        r"[^。，！？]{0,40}(?:Gettr|Discord|Twitter|YouTube)[:：]?\s?[^。，！？\s]{0,30}",
    ),
    "ft.com": (r"(?:译者|翻译|作者)/\S{1,20}|本文(?:编辑|译者|作者)\S{1,10}(?:\s?\S+@\S+)?",),
    "allnow.com": (r"请?微信搜索.*",),
}
"""By host, anywhere in an article."""

TITLE_SUFFIXES: dict[str, str] = {
    "": (
        r"\s+[-–—|_]\s*(?:RFI|法国国际广播电台|BBC News 中文|BBC ?中文网|美国之音(?:中文网)?"
        r"|德国之声|DW|纽约时报中文网|路透中文网|联合早报网?|自由亚洲电台|三立新[闻聞][网網]\s*SETN\.COM)"
    ),
    "rfi.fr": (
        r"\s+[-–]\s?[\u4e00-\u9fff]{0,4}"
        r"(?:解说|分析|摘要|专栏|专访|欣赏|风光|论坛|长廊|纵横|今日经济|一周|周刊|世界报|微语|访谈)"
    ),
}
"""Names of sites and columns at the end of a title, by host; "" holds at every site."""

LINE_ENDINGS = re.compile(
    rf"\s*(?:[（(]\s*{_ROLE}\s*[:：/／][^）)。]{{1,60}}[）)](?:\s?\d{{7}})?|[（(]\s*完\s*[）)]"
    r"|(?:\.{3}\s?){1,2}more|责任编辑[:：]\S{2,8}#?|查看(?:详细|更多)内容)\s*$"
)
"""Removed from the end of a line."""
END_OF_ARTICLE = re.compile(r"获取更多RSS.*")
"""The article ends before this line."""
