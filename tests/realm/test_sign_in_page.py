"""Pages of Keycloak's sign-in, as `check-token --user` reads them."""

from __future__ import annotations

import pytest

from orthgen.realm.admin.sign_in_page import SignInPage

PAGE = """\
<!DOCTYPE html><html><head><title>Sign in to
Clinic</title></head><body>
<script>var page = '<form action="/other">';</script>
<form id="kc-form-login" onsubmit="return true" method=post action='https://kc.example/realms/r/login?a=1&amp;b=2'>
  <input id="username" name="username"><input type="password" name="password"/>
</form>
<form action="/second"><input name="try-another-way"></form>
<span class="pf-v5-c-helper-text kc-feedback-text" aria-live="polite">Invalid name &amp; <b>password</b>.</span>
<p class="instruction">A later message</p>
</body></html>
"""


def test_the_first_form_and_every_field_are_read() -> None:
    """Whatever the quotes are; a form in a script is no form."""
    page = SignInPage(PAGE)

    assert page.action == "https://kc.example/realms/r/login?a=1&b=2"
    assert page.fields == {"username", "password", "try-another-way"}


def test_the_first_message_and_the_title_are_read() -> None:
    """References to characters are resolved."""
    page = SignInPage(PAGE)

    assert page.feedback == "Invalid name & password"
    assert page.title == "Sign in to\nClinic"


@pytest.mark.parametrize("text", ["", "not a page", '{"error": "x"}', "<form", "<p class=", "<title>cut off"])
def test_what_is_no_page_has_no_form(text: str) -> None:
    """Another program's answer, or a page that is cut off, is no error here."""
    page = SignInPage(text)

    assert (page.action, page.fields, page.feedback) == ("", set(), "")


def test_a_page_of_megabytes_is_read_at_its_beginning() -> None:
    """Keycloak's pages are small."""
    assert SignInPage("<p>" * 1_000_000 + '<form action="/late">').action == ""
