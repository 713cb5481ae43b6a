"""`rag explain`: what is read of one file, and where it comes from."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from support.cli import RunCommand

_PAGE = """<html><head><meta charset="gbk"><title>渡轮停航三天</title>
<meta name="pubdate" content="2024-05-10T09:30+08:00">
<link rel="canonical" href="https://news.example/ferry"></head>
<body><nav>首页 新闻</nav><h1>渡轮停航三天</h1>
<p>东屿岛渡轮公司宣布，因为台风，从周四起停航三天，一千二百名旅客滞留。</p>
<p>责任编辑：王小明</p></body></html>"""


def _write(path: Path, text: str = _PAGE, encoding: str = "gb18030") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_explain_shows_values_with_their_origins_and_what_was_left_out(
    run: RunCommand, tmp_path: Path
) -> None:
    status, out, err = run("explain", str(_write(tmp_path / "a.html")))
    assert (status, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "a.html"
    assert "read as page" in lines
    assert "encoding gbk (declared)" in lines
    assert "title 渡轮停航三天 (page)" in lines
    assert "address https://news.example/ferry (page)" in lines
    assert "date 2024-05-10 09:30:00+08:00 (meta pubdate)" in lines
    assert "1 paragraph kept:" in lines
    assert "+ 东屿岛渡轮公司宣布，因为台风，从周四起停航三天，一千二百名旅客滞留。" in lines
    assert "- 首页 新闻 (element nav)" in lines
    assert any(line.startswith("- 责任编辑：王小明 (") for line in lines)


def test_explain_as_json_has_the_same(run: RunCommand, tmp_path: Path) -> None:
    status, out, _ = run("explain", str(_write(tmp_path / "a.html")), "--json")
    (read,) = json.loads(out)["articles"]
    assert status == 0
    assert read["article"]["published"] == "2024-05-10T09:30:00+08:00"
    assert read["origins"] == {"title": "page", "url": "page", "published": "meta pubdate"}
    assert {"text": "首页 新闻", "rule": "element nav"} in read["dropped"]
    assert read["encoding"]["encoding"] == "gbk"
    assert read["remarks"] == []


def test_explain_of_several_articles_names_each_and_its_refusal(
    run: RunCommand, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.html", _PAGE.replace("gbk", "utf-8"))
        archive.writestr("b.json", '[{"title": "港口", "text": "港口工人复工。"}, {"title": "空"}]')
        archive.writestr("c.png", b"\x89PNG\r\n\x1a\n")
    status, out, _ = run("explain", str(tmp_path / "all.zip"))
    assert status == 0
    lines = out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "all.zip/a.html",
        "all.zip/b.json#1",
        "all.zip/b.json#2",
        "all.zip/c.png",
    ]
    assert "  Not indexed: A picture. Recognise its text first (OCR)." in lines
    assert any("No date found" in line for line in lines)


def test_explain_of_a_file_without_an_article_is_status_1(run: RunCommand, tmp_path: Path) -> None:
    assert run("explain", str(_write(tmp_path / "a.txt", " ")))[0] == 1
    status, out, _ = run("explain", str(tmp_path / "nowhere.txt"))
    assert status == 1
    assert "No such file" in out
