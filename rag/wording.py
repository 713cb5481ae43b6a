"""What the page says, in the languages that it speaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from babel import Locale, UnknownLocaleError

OTHERWISE = "en"
LOCALES = ("en", "zh-Hans", "zh-Hant")

_SAID = {
    "about": (
        "{articles} articles, {passages} passages, from {first} to {last}.",
        "共 {articles} 篇文章、{passages} 个段落，{first} 至 {last}。",
        "共 {articles} 篇文章、{passages} 個段落，{first} 至 {last}。",
    ),
    "accept": ("Put into the archive", "放入资料库", "放入資料庫"),
    "accepted": (
        "{count} files are in the seeds folder now. Rebuild the index to find them.",
        "{count} 个文件已放入 seeds 文件夹。重建索引后即可检索。",
        "{count} 個檔案已放入 seeds 資料夾。重建索引後即可檢索。",
    ),
    "add": ("Add articles", "添加文章", "新增文章"),
    "add-hint": (
        "Files in any form that a build reads, or a .zip of them: at most 500 files and 200 MB.",
        "构建时可读取的任何格式的文件，或其 .zip 压缩包：最多 500 个文件、200 MB。",
        "建置時可讀取的任何格式的檔案，或其 .zip 壓縮檔：最多 500 個檔案、200 MB。",
    ),
    "admin": ("Administration", "管理", "管理"),
    "after": ("The article goes on", "文章后文", "文章後文"),
    "alert": ("Error", "错误", "錯誤"),
    "answer": ("Answer", "答案", "答案"),
    "archive": ("The archive", "资料库概况", "資料庫概況"),
    "articles": ("Articles", "文章", "文章"),
    "ask": ("Ask", "提问", "提問"),
    "before": ("Before it in the article", "文章前文", "文章前文"),
    "built": ("Index built", "索引建立时间", "索引建立時間"),
    "cancel": ("Cancel", "取消", "取消"),
    "cancelled": (
        "The rebuild was cancelled; the index is as it was, and what was encoded is kept.",
        "重建已取消；索引保持原样，已编码的内容会保留。",
        "重建已取消；索引維持原樣，已編碼的內容會保留。",
    ),
    "chosen": ("Chosen", "已选", "已選"),
    "citation": ("Copy citation", "复制引文", "複製引文"),
    "citation-markdown": ("Copy as Markdown", "复制为 Markdown", "複製為 Markdown"),
    "clear-history": ("Forget them", "清除记录", "清除紀錄"),
    "closest": ("Closest passages", "最相关的段落", "最相關的段落"),
    "likely right": ("likely right", "很可能正确", "很可能正確"),
    "possibly right": ("possibly right", "可能正确", "可能正確"),
    "very likely right": ("very likely right", "极可能正确", "極可能正確"),
    "copied": ("Copied", "已复制", "已複製"),
    "counted": (
        "Counted among the {count} passages closest to the question.",
        "按与问题最接近的 {count} 个段落统计。",
        "按與問題最接近的 {count} 個段落統計。",
    ),
    "coverage": ("Coverage", "报道时间", "報導時間"),
    "dates": ("Dates", "日期", "日期"),
    "duplicates": ("Told more than once", "重复报道", "重複報導"),
    "duplicates-note": (
        "{count} articles repeat the story of another in nearly the same words; they are found together.",
        "有 {count} 篇文章与另一篇几乎相同，检索时合并显示。",
        "有 {count} 篇文章與另一篇幾乎相同，檢索時合併顯示。",
    ),
    "examples": ("For example", "例如", "例如"),
    "example-name": ("Who is {name}?", "{name}是谁？", "{name}是誰？"),
    "failed": (
        "Something went wrong. Try again; if it stays so, tell whoever runs this archive.",
        "出了问题。请重试；如仍不行，请告知资料库管理员。",
        "出了問題。請重試；如仍不行，請告知資料庫管理員。",
    ),
    "facts": ("Index and model", "索引与模型", "索引與模型"),
    "filter": ("Narrow it down", "缩小范围", "縮小範圍"),
    "from": ("From", "从", "從"),
    "history": ("Your questions", "你的提问记录", "你的提問紀錄"),
    "history-note": (
        "They are kept in this browser only.",
        "只保存在这个浏览器里。",
        "只保存在這個瀏覽器裡。",
    ),
    "interface": ("Language of the page", "界面语言", "介面語言"),
    "intro": (
        "Ask in any language. The answer is cut out of an article word for word; the passages are shown as "
        "they were published.",
        "可用任何语言提问。答案逐字摘自文章，段落按发表时的原样显示。",
        "可用任何語言提問。答案逐字摘自文章，段落按發表時的原樣顯示。",
    ),
    "language": ("Language", "语言", "語言"),
    "lost": (
        "The archive does not answer: the connection is lost, or it was stopped. Reload the page when it is back.",
        "资料库没有响应：连接已断开，或服务已停止。恢复后请刷新页面。",
        "資料庫沒有回應：連線已中斷，或服務已停止。恢復後請重新載入頁面。",
    ),
    "mode-all": ("every passage is compared", "逐段比较", "逐段比較"),
    "model": ("Model", "模型", "模型"),
    "more-outlets": ("and {count} more", "另有 {count} 篇", "另有 {count} 篇"),
    "month": ("Month", "月份", "月份"),
    "more": ("More from this article", "查看上下文", "查看上下文"),
    "name": ("News archive", "新闻资料库", "新聞資料庫"),
    "new-window": ("opens in a new tab", "在新标签页打开", "在新分頁開啟"),
    "no-articles": ("The archive has no articles yet.", "资料库里还没有文章。", "資料庫裡還沒有文章。"),
    "no-date": ("no date", "无日期", "無日期"),
    "no-source": ("unknown site", "未知网站", "未知網站"),
    "nothing": (
        "No article passes these filters.",
        "没有文章符合这些筛选条件。",
        "沒有文章符合這些篩選條件。",
    ),
    "nothing-hint": (
        "Without one of them there is something:",
        "去掉其中一项即有结果：",
        "去掉其中一項即有結果：",
    ),
    "only-dates": ("{first} to {last}", "{first} 至 {last}", "{first} 至 {last}"),
    "open": ("Open at this passage", "打开原文此段", "開啟原文此段"),
    "other-outlets": (
        "{count} other outlets with this story",
        "另有 {count} 家媒体刊登同一报道",
        "另有 {count} 家媒體刊登同一報導",
    ),
    "others": ("Other articles say", "其他文章的说法", "其他文章的說法"),
    "outside": (
        "The question names {asked}; the archive has articles from {first} to {last}.",
        "问题提到 {asked}；资料库收录的是 {first} 至 {last} 的文章。",
        "問題提到 {asked}；資料庫收錄的是 {first} 至 {last} 的文章。",
    ),
    "page": ("Page {number}", "第 {number} 页", "第 {number} 頁"),
    "pages": ("Pages of passages", "段落分页", "段落分頁"),
    "pages-of-site": ("Pages of the site", "网站页面", "網站頁面"),
    "passages": ("Passages", "段落", "段落"),
    "placeholder": (
        "how many containers were shipped?",
        "用你自己的话提问",
        "用你自己的話提問",
    ),
    "preview": ("What will be added", "将要添加的内容", "將要新增的內容"),
    "question": ("Question", "问题", "問題"),
    "question-empty": (
        "The question is empty. Ask it in words, in any language.",
        "问题是空的。请用任何语言把问题写出来。",
        "問題是空的。請用任何語言把問題寫出來。",
    ),
    "question-long": (
        "The question has {count} characters, the limit is {limit}. Ask a shorter one.",
        "问题有 {count} 个字符，上限为 {limit} 个。请缩短问题。",
        "問題有 {count} 個字元，上限為 {limit} 個。請縮短問題。",
    ),
    "rate": (
        "You have asked very often. Wait {seconds} seconds and ask again.",
        "提问太频繁，请等 {seconds} 秒再问。",
        "提問太頻繁，請等 {seconds} 秒再問。",
    ),
    "reading": ("Reading articles", "正在读取文章", "正在讀取文章"),
    "rebuild": ("Rebuild the index", "重建索引", "重建索引"),
    "rebuild-done": (
        "Done: {added} added, {updated} updated, {removed} removed, {unchanged} unchanged; {failed} refused.",
        "完成：新增 {added} 篇，更新 {updated} 篇，移除 {removed} 篇，未变 {unchanged} 篇；拒收 {failed} 个文件。",
        "完成：新增 {added} 篇，更新 {updated} 篇，移除 {removed} 篇，未變 {unchanged} 篇；拒收 {failed} 個檔案。",
    ),
    "rebuild-idle": ("No build is running.", "没有正在进行的构建。", "沒有正在進行的建置。"),
    "rebuild-running": ("Building: {stage}", "正在构建：{stage}", "正在建置：{stage}"),
    "rebuild-twice": (
        "A build is running already.",
        "已有构建正在进行。",
        "已有建置正在進行。",
    ),
    "refused": ("Refused files", "拒收的文件", "拒收的檔案"),
    "refused-count": ("{count} files", "{count} 个文件", "{count} 個檔案"),
    "remove": ("Remove the filter {name}", "去掉筛选条件 {name}", "去掉篩選條件 {name}"),
    "score": ("score {score}", "相关度 {score}", "相關度 {score}"),
    "search": ("Search", "检索", "檢索"),
    "searching": ("Searching the archive…", "正在检索……", "正在檢索……"),
    "share": ("Copy the link to this result", "复制此结果的链接", "複製此結果的連結"),
    "show": ("Show", "显示", "顯示"),
    "site": ("Site", "网站", "網站"),
    "skip": ("Skip to the result", "跳到结果", "跳到結果"),
    "text": ("Text", "正文", "正文"),
    "title": ("Title", "标题", "標題"),
    "to": ("To", "到", "到"),
    "try": ("Other words may find more.", "换个说法也许能找到更多。", "換個說法也許能找到更多。"),
    "try-without": (
        "Other words, or fewer filters, may find more.",
        "换个说法或减少筛选条件，也许能找到更多。",
        "換個說法或減少篩選條件，也許能找到更多。",
    ),
    "unknown": ("unknown", "未知", "未知"),
    "upload": ("Files or a .zip", "文件或 .zip", "檔案或 .zip"),
    "vectors": ("Vectors", "向量", "向量"),
}  # fmt: skip
"""In the order of `LOCALES`."""


class Words:
    """What the page says in one language: `words("page", number=2)`."""

    def __init__(self, locale: str) -> None:
        self.locale = locale if locale in LOCALES else OTHERWISE
        self._said = table(self.locale)
        self._babel = Locale.parse(self.locale, sep="-")

    def __call__(self, key: str, **values: object) -> str:
        return self._said[key].format(**values)

    def language(self, tag: str) -> str:
        """What a language is called, by its BCP 47 tag; the tag itself where that is not known."""
        if tag == "und":
            return self("unknown")
        try:
            return Locale.parse(tag, sep="-").get_display_name(self._babel) or tag
        except (UnknownLocaleError, ValueError):
            return tag

    def number(self, number: int) -> str:
        return f"{number:,}"


def table(locale: str) -> Mapping[str, str]:
    """Everything that the page says, in one of the `LOCALES`, by key."""
    at = LOCALES.index(locale)
    return MappingProxyType({key: said[at] for key, said in _SAID.items()})


def preferred(languages: Iterable[str]) -> str:
    """The first of these BCP 47 tags that the page speaks, as one of the `LOCALES`."""
    for tag in languages:
        base, *subtags = tag.lower().split("-")
        if base == "zh":
            is_traditional = "hans" not in subtags and {"hant", "tw", "hk", "mo"} & set(subtags)
            return "zh-Hant" if is_traditional else "zh-Hans"
        if base == "en":
            return "en"
    return OTHERWISE
