"""A page of Keycloak's sign-in: its form, the fields that it asks for, and what it says."""

from __future__ import annotations

from html.parser import HTMLParser

# Pages of Keycloak 26 have fewer than 20,000 characters; html.parser takes long for malformed pages of megabytes.
_MAX_CHARACTERS = 200_000
_MAX_TEXT_LENGTH = 2000
_FEEDBACK = ("instruction", "kc-feedback-text")


class SignInPage(HTMLParser):
    """
    One page, parsed.

    `action` is the address of the first form (empty: there is none), `fields` are the names of all inputs, `feedback` is
    Keycloak's message to the person, `title` the page's title.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: set[str] = set()
        self.feedback = ""
        self.title = ""
        self._text: list[str] | None = None
        self.feed(text[:_MAX_CHARACTERS])
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read the form and its inputs; the texts of a title and of a message begin."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = self.action or values.get("action", "")
        elif tag == "input":
            self.fields.add(values.get("name", ""))
        elif tag == "title" or (
            tag in {"p", "span"} and any(word in values.get("class", "") for word in _FEEDBACK)
        ):
            self._text = []

    def handle_data(self, data: str) -> None:
        """Keep the text of a title or a message."""
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End the text: of a page the first title and the first message count."""
        if self._text is None:
            return
        text = "".join(self._text)[:_MAX_TEXT_LENGTH]
        self._text = None
        if tag == "title":
            self.title = self.title or text
        else:
            self.feedback = self.feedback or text
