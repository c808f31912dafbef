"""Signing in, out, and what a cookie is worth afterwards."""
from __future__ import annotations


def test_a_newcomer_is_sent_to_sign_in(client):
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_signing_in_opens_the_shell(sign_in):
    page = sign_in("executive").get("/")
    assert page.status_code == 200
    assert "react-entry-point" in page.get_data(as_text=True)
