"""Why a file is refused, and what a build is doing, in the languages of the page."""

from __future__ import annotations

import re

_TOLD = tuple(
    (re.compile(pattern, re.DOTALL), hans, hant)
    for pattern, hans, hant in (
        (r"an archive inside an archive", "压缩包里的压缩包", "壓縮檔裡的壓縮檔"),
        (
            r"another file of the upload has its name",
            "与上传的另一个文件同名",
            "與上傳的另一個檔案同名",
        ),
        (
            r"beyond the (.+) read of an archive",
            "超出一个压缩包可读取的 {}",
            "超出一個壓縮檔可讀取的 {}",
        ),
        (
            r"beyond the (\d+) files and (.+) of one upload.*",
            "超出一次上传的 {} 个文件、{}：此文件及其后的文件未读取，请另行上传",
            "超出一次上傳的 {} 個檔案、{}：此檔案及其後的檔案未讀取，請另行上傳",
        ),
        (r"cannot be unpacked .*", "无法解压", "無法解壓縮"),
        (r"compressed in another way .*", "压缩方式不是常用的 deflate", "壓縮方式不是常用的 deflate"),
        (
            r"its name begins with a dot.*",
            "文件名以点开头：隐藏文件不会读取",
            "檔名以點開頭：隱藏檔案不會讀取",
        ),
        (
            r"its name has characters that cannot be shown",
            "文件名含有无法显示的字符",
            "檔名含有無法顯示的字元",
        ),
        (
            r"its name is not a path below a folder",
            "文件名不是文件夹内的路径",
            "檔名不是資料夾內的路徑",
        ),
        (r"its name is not UTF-8", "文件名不是 UTF-8", "檔名不是 UTF-8"),
        (r"its name is taken by a different file", "已有同名的其他文件", "已有同名的其他檔案"),
        (r"its name is too long", "文件名太长", "檔名太長"),
        (r"its name leads out of the archive", "文件名指向压缩包之外", "檔名指向壓縮檔之外"),
        (r"larger than (.+)", "大于 {}", "大於 {}"),
        (
            r"neither of the two article forms .*",
            "不是可识别的两种文章格式，文件名也不是 .html、.md 或 .txt",
            "不是可辨識的兩種文章格式，檔名也不是 .html、.md 或 .txt",
        ),
        (
            r"not UTF-8 text \(byte (\d+)\)",
            "不是 UTF-8 文本（第 {} 字节）",
            "不是 UTF-8 文字（第 {} 位元組）",
        ),
        (r"no text in the article", "文章里没有正文", "文章裡沒有正文"),
        (r"not a regular file", "不是普通文件", "不是一般檔案"),
        (r"not an archive that can be read .*", "无法读取的压缩包", "無法讀取的壓縮檔"),
        (
            r"not text in (.+), which it says it is",
            "自称 {} 编码，内容却不是",
            "自稱 {} 編碼，內容卻不是",
        ),
        (r"the file is empty", "文件是空的", "檔案是空的"),
        (
            r"the same bytes are in the folder already, as (.+)",
            "文件夹里已有内容相同的文件：{}",
            "資料夾裡已有內容相同的檔案：{}",
        ),
        (
            r"the same bytes are in the upload already, as (.+)",
            "上传中已有内容相同的文件：{}",
            "上傳中已有內容相同的檔案：{}",
        ),
        (r"twice in the archive", "在压缩包中出现两次", "在壓縮檔中出現兩次"),
        (
            r"(.+) is there already and is not a folder",
            "{} 已存在，但不是文件夹",
            "{} 已存在，但不是資料夾",
        ),
        (
            r"Windows keeps its name for a device",
            "文件名是 Windows 的保留名",
            "檔名是 Windows 的保留名稱",
        ),
        (r"Reading articles", "读取文章", "讀取文章"),
        (r"Encoding", "编码", "編碼"),
        (r"Uploading", "上传索引", "上傳索引"),
        (r"Unpacking the model", "解压模型", "解壓縮模型"),
        (
            r"Comparing the compiled model with its reference",
            "对照检查编译后的模型",
            "對照檢查編譯後的模型",
        ),
    )
)


def translated(text: str, locale: str) -> str:
    """A reason or a stage in one of the page's languages; as it is where that is not known."""
    if locale != "en":
        for pattern, hans, hant in _TOLD:
            if found := pattern.fullmatch(text):
                return (hant if locale == "zh-Hant" else hans).format(*found.groups())
    return text
