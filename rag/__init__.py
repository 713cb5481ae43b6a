"""Semantic question answering over a news archive.

import rag

rag.build(rag.read_seeds("seeds"), "index")
assistant = rag.load("index")
for hit in assistant.search("how many containers did Pyongyang ship?"):
    print(hit.score, hit.passage.title, hit.passage.url)
print(assistant.ask("how many containers did Pyongyang ship?").text)
"""

from rag.answering.reader import SpanReader
from rag.assistant import Assistant, search
from rag.embedding.encoder import SentenceEncoder
from rag.errors import RagError
from rag.index.stores import build
from rag.ingest.seeds import read_seeds
from rag.reports import BuildReport, Failure, Remark
from rag.types import Alternative, Answer, Article, Hit, Passage, Reprint

__version__ = "0.1.0"

load = Assistant.load

__all__ = [
    "Alternative",
    "Answer",
    "Article",
    "Assistant",
    "BuildReport",
    "Failure",
    "Hit",
    "Passage",
    "RagError",
    "Remark",
    "Reprint",
    "SentenceEncoder",
    "SpanReader",
    "build",
    "load",
    "read_seeds",
    "search",
]
