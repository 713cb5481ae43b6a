"""Passwords: how a request gives one, which path needs which, and how many can be tried."""

from __future__ import annotations

import base64

import pytest
from support.apps import hello
from support.clients import ADMIN_SECRET, SECRET, send

from rag.web.security.guard import Guard
from rag.web.security.passwords import MAX_WRONG_PASSWORDS

PASSWORDS = {"/": "secret", "/admin": "other"}
UPLOADS = {"/admin": 3_000_000}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "is_right"),
    [
        (basic("anyone", "sécret:1"), True),
        (basic("", "sécret:1"), True),
        ("bearer sécret:1", True),
        (basic("sécret", "1"), False),
        (basic("anyone", "other"), False),
        ("Bearer other", False),
        ("Bearer ", False),
        ("Bearer", False),
        ("Basic", False),
        ("Basic !", False),
        ("Basic é", False),
        ("sécret:1", False),
        ("Digest sécret:1", False),
        ("", False),
    ],
)
def test_password_is_accepted_as_basic_or_bearer(authorization: str, is_right: bool) -> None:
    app = Guard(hello, passwords={"/": "sécret:1", "/admin": "other"}, uploads=UPLOADS)
    response = send(app, headers=[(b"authorization", authorization.encode())])
    assert response.status_code == (200 if is_right else 401)
    assert send(app).status_code == 401
    if not is_right:
        assert response.headers["www-authenticate"] == 'Basic realm="News archive", charset="UTF-8"'
        assert response.json() == {
            "detail": "Password needed. (Any user name will do.)",
            "code": "password-needed",
        }


def test_longest_prefix_decides_the_password() -> None:
    both = Guard(hello, passwords=PASSWORDS, uploads=UPLOADS)
    one = Guard(hello, passwords={"/admin/": "other"}, uploads={"/admin/": 9})
    for path, headers, with_both, with_one in [
        ("/", SECRET, 200, 200),
        ("/", ADMIN_SECRET, 401, 200),
        ("/", {}, 401, 200),
        ("/admin/", SECRET, 401, 401),
        ("/admin/", ADMIN_SECRET, 200, 200),
        ("/admin/config", {}, 401, 401),
        ("/admin", {}, 401, 401),
        ("/administration", {}, 401, 404),
        ("/administration", ADMIN_SECRET, 401, 404),
    ]:
        assert send(both, path, headers=headers).status_code == with_both, path
        assert send(one, path, headers=headers).status_code == with_one, path
    realm = send(one, "/admin/").headers["www-authenticate"]
    assert realm.startswith('Basic realm="News archive/admin"')


@pytest.mark.parametrize(
    ("title", "realm"),
    [
        ("Harbour News", "Harbour News"),
        ('a "b" \\', "a b"),
        ("新闻", "News archive"),
        ("", "News archive"),
    ],
)
def test_prompt_bears_the_title_as_far_as_browsers_agree(title: str, realm: str) -> None:
    response = send(Guard(hello, passwords={"/": "x"}, title=title))
    assert response.headers["www-authenticate"] == f'Basic realm="{realm}", charset="UTF-8"'


def test_empty_password_or_relative_prefix_raises() -> None:
    with pytest.raises(ValueError, match="empty password"):
        Guard(hello, passwords={"/": ""})
    with pytest.raises(ValueError, match="'admin' does not"):
        Guard(hello, passwords={"admin": "x"})


def test_wrong_passwords_are_limited_per_address() -> None:
    app = Guard(hello, passwords={"/": "secret"})
    wrong = {"Authorization": "Bearer wrong"}
    for _ in range(50):
        assert send(app).status_code == 401, "no password is not a wrong password"
    for _ in range(MAX_WRONG_PASSWORDS):
        assert send(app, headers=wrong).status_code == 401
    response = send(app, headers=SECRET)
    assert response.status_code == 429, "else trying would still find the right one"
    assert response.json()["code"] == "too-many-passwords"
    assert 0 < int(response.headers["retry-after"]) <= 60
    assert f"Try again in {response.headers['retry-after']} second" in response.json()["detail"]
    assert send(app, headers=SECRET, address="192.0.2.7").status_code == 200
