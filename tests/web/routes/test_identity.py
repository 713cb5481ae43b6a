"""Tests of `rag.web.routes.identity`."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from fastapi import FastAPI
from support.clients import send

import rag
from rag.web.routes import identity
from rag.web.site import Site


@pytest.mark.parametrize("root", ["", "/admin"])
def test_icon_and_manifest_are_our_own(small: rag.Assistant, root: str) -> None:
    app = FastAPI()
    identity.register(app, Site(small, title="Harbour News"))
    icon = send(app, f"{root}/favicon.ico")
    assert icon.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(icon.content).tag == "{http://www.w3.org/2000/svg}svg"
    manifest = send(app, f"{root}/manifest.json").json()
    assert manifest["name"] == "Harbour News"
    assert manifest["icons"][0]["src"] == "favicon.ico"
