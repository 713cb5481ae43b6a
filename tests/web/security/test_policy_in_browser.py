"""The Content-Security-Policy, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fastapi
import gradio as gr
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.web.application import mount
from rag.web.security.guard import Guard
from rag.web.server import serving

pytestmark = pytest.mark.browser

COLLECT_VIOLATIONS = """window.violations = [];
document.addEventListener('securitypolicyviolation', event =>
    violations.push(`${event.effectiveDirective} ${event.blockedURI}`))"""


@contextmanager
def visit(browser: Any, address: str, password: str) -> Iterator[tuple[Any, list[str]]]:
    """Open a page, and yield it with the errors of its console."""
    credentials = {"username": "anyone", "password": password}
    context = browser.new_context(http_credentials=credentials)
    page = context.new_page()
    complaints: list[str] = []

    def on_console(message: Any) -> None:
        if message.type == "error" and "401" not in message.text:  # before it sends the password
            complaints.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(COLLECT_VIOLATIONS)
    page.goto(address)
    yield page, complaints
    context.close()


def unsafe_page() -> Guard:
    """Return a guarded page of Gradio that shows the question as HTML, unescaped."""
    with gr.Blocks(title="Echo", analytics_enabled=False) as page:
        question = gr.Textbox(elem_id="question", submit_btn="Ask")
        results = gr.HTML("<p>nothing yet</p>", elem_id="results", apply_default_css=False)
        question.submit(lambda text: text, question, results, api_visibility="private")
    parent = fastapi.FastAPI()
    parent.get("/page.js")(lambda: fastapi.Response(media_type="text/javascript"))
    mount(parent, page, "/", footer_links=[])
    return Guard(parent)


def test_page_runs_under_the_policy(browser: Any, locked_site: str) -> None:
    with visit(browser, locked_site, "secret") as (page, complaints):
        page.wait_for_selector(".home")
        page.fill("#question textarea", "集装箱")
        page.press("#question textarea", "Enter")
        page.wait_for_selector(".hit")
        assert (page.evaluate("violations"), complaints) == ([], [])


def test_mcp_page_and_admin_page_run_under_the_policy(browser: Any, locked_site: str) -> None:
    with visit(browser, f"{locked_site}gradio_api/mcp/", "secret") as (page, complaints):
        page.wait_for_selector(".tab.active")
        assert (page.evaluate("violations"), complaints) == ([], [])
    with visit(browser, f"{locked_site}admin", "other") as (page, complaints):
        page.set_input_files("#upload input", {"name": "a.txt", "mimeType": "", "buffer": b"x" * 2000})
        page.wait_for_selector("#upload .file-preview")
        assert (page.evaluate("violations"), complaints) == ([], [])


@pytest.mark.filterwarnings("ignore:A `<script>` tag was found")  # the page shows one on purpose
def test_injected_markup_does_not_run_and_reaches_no_host(browser: Any) -> None:
    hostile = (
        "<img src='data:,' onerror='window.hacked=1'><script>window.hacked=2</script><b id=shown>x</b>"
        "<img src='http://evil.example/x.png'><iframe srcdoc='<script>parent.hacked=3</script>'></iframe>"
        "<a id=link href='javascript:window.hacked=4'>x</a><form action='http://evil.example'></form>"
        "<link rel=stylesheet href='http://evil.example/x.css'><svg onload='window.hacked=5'></svg>"
        "<base href='http://evil.example/'><object data='http://evil.example/'></object>"
    )
    directives = {"script-src-attr", "script-src-elem", "img-src", "connect-src", "form-action"}
    with (
        serving(unsafe_page(), "127.0.0.1", 0) as address,
        visit(browser, address, "-") as (page, _),
    ):
        reached: list[str] = []
        page.on("requestfinished", lambda request: reached.append(request.url))
        page.wait_for_selector("#question textarea")
        page.fill("#question textarea", hostile)
        page.press("#question textarea", "Enter")
        page.wait_for_selector("#shown")
        page.evaluate("document.querySelector('#link').click()")
        page.evaluate("document.querySelector('#results form').requestSubmit()")
        page.evaluate(
            "document.head.append(Object.assign(document.createElement('script'), {text: 'hacked=6'}))"
        )
        outcome = "fetch('http://evil.example/').then(() => 'sent', () => 'blocked')"
        assert page.evaluate(outcome) == "blocked"
        page.wait_for_function(
            "names => { const seen = new Set(violations.map(each => each.split(' ')[0]));"
            " return names.every(name => seen.has(name)) }",
            arg=sorted(directives),
        )
        assert page.evaluate("window.hacked") is None
        assert [url for url in reached if "evil.example" in url] == []


def test_gradio_needs_unsafe_eval(browser: Any) -> None:
    """If Gradio stops compiling templates, the policy can do without."""
    with (
        serving(without_eval(unsafe_page()), "127.0.0.1", 0) as address,
        visit(browser, address, "-") as (page, _),
    ):
        for _ in range(100):  # the policy forbids the eval of `wait_for_function` too
            if "script-src eval" in page.evaluate("violations"):
                break
            page.wait_for_timeout(100)
        assert "script-src eval" in page.evaluate("violations")


def without_eval(app: ASGIApp) -> ASGIApp:
    """Return an app with a stricter policy."""

    async def stricter(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_stricter(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    (name, value.replace(b" 'unsafe-eval'", b"")) for name, value in message["headers"]
                ]
                message = {**message, "headers": headers}
            await send(message)

        await app(scope, receive, send_stricter)

    return stricter
