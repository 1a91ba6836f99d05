"""
Translation of the plugin's regular expressions (boost, Perl syntax, whole path) for Python's `re`.

What both engines read alike is taken over; what has one exact spelling in Python is translated; everything
else is named as a problem and never guessed at. Paths and patterns are bytes, as they are for the plugin.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

# In the C locale, which is the one Orthanc matches in.
_POSIX_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "xdigit": "0-9a-fA-F",
    "word": r"\w",
}
# Not `\B`: the engines differ on it at the ends of a path.
_SAME_ESCAPES = frozenset("dDwWsSbnrtfa")
_SAME_IN_SET = frozenset("dDwWsSnrtfa")
_POSITIONS = {"<": r"\b(?=\w)", ">": r"\b(?<=\w)", "A": r"\A", "`": r"\A", "z": r"\Z", "'": r"\Z"}
_OTHER_ESCAPES = {"e": r"\x1b", "h": r"[ \t]", "l": "[a-z]", "u": "[A-Z]", "L": "[^a-z]", "U": "[^A-Z]"}
_SAME_GROUPS = ("?:", "?=", "?!", "?<=", "?<!", "?>", "?i:")
_BOUND = re.compile(r"\{([0-9]+)(,[0-9]*)?\}")
_NAMED_GROUP = re.compile(r"\?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')", re.ASCII)
_HEX = re.compile(r"x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,2})\})")
# Boost lets `^` and `$` match at line breaks inside the path as well.
_LINE_START = r"(?:\A|(?<=[\n\f])|(?<=\r)(?!\n))"
_LINE_END = r"(?:\Z|(?=[\r\f])|(?<!\r)(?=\n))"


class Problem(Struct, frozen=True):
    """A construct that prevents a decision on a pattern, with a hint for a replacement."""

    message: str
    hint: str


class Pattern(Struct, frozen=True):
    """
    The translation of a pattern for Python, or the problem that prevents one.

    `compiled` is None exactly where there is a problem.
    """

    compiled: re.Pattern[bytes] | None
    problem: Problem | None = None


@lru_cache(maxsize=4096)  # every deployment has the same rows, and a batch has hundreds of deployments
def translate(written: str) -> Pattern:
    """The pattern as Python matches it, or with the problem that keeps it from being matched here."""
    scanner = _Scanner(written)
    scanner.run()
    if scanner.problem is not None:
        return Pattern(None, scanner.problem)
    expression = "".join(scanner.out)
    if scanner.ignores_case:
        expression = f"(?i:{expression})"
    try:
        compiled = re.compile(expression.encode(), re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        problem = Problem(
            f"not a regular expression: {error}", "the plugin does not start with it; correct it"
        )
        return Pattern(None, problem)
    return Pattern(compiled)


_KEEP_TO = "keep to literals, `.`, `[...]`, groups, `|`, `*`, `+`, `?`, `{n,m}`, `^` and `$`"


class _Scanner:
    """Walks a pattern once and writes Python's spelling of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        self.depth = 0
        self.problem: Problem | None = None
        # What a quantifier would repeat: nothing at the start of a branch, an anchor after `^`.
        self.repeatable = False
        self.quantified = False
        self.branch_start = True
        self.ignores_case = text.startswith("(?i)")
        self.at = len("(?i)") if self.ignores_case else 0

    def run(self) -> None:
        while self.at < len(self.text) and self.problem is None:
            self.step()

    def unclear(self, obstacle: str, hint: str = _KEEP_TO) -> None:
        self.problem = self.problem or Problem(obstacle, hint)

    def emit(self, text: str, length: int, *, repeatable: bool = True) -> None:
        self.out.append(text)
        self.at += length
        self.repeatable, self.quantified, self.branch_start = repeatable, False, False

    def step(self) -> None:
        character = self.text[self.at]
        if character in "*+?" or (character == "{" and _BOUND.match(self.text, self.at)):
            self.quantifier(character)
        elif character in _STEPS:
            _STEPS[character](self)
        else:
            self.literal(character)

    def literal(self, character: str) -> None:
        if character == "{":
            self.unclear("a `{` that begins no repetition", r"write `\{`")
        elif ord(character) > 127:
            # One letter is several bytes; a quantifier would repeat only the last of them in the plugin.
            encoded = "".join(f"\\x{byte:02x}" for byte in character.encode())
            self.emit(encoded, 1)
        else:
            self.emit(re.escape(character), 1)

    def quantifier(self, character: str) -> None:
        if not self.repeatable or self.quantified:
            self.unclear(f"a `{character}` that repeats nothing, an anchor or a repetition")
            return
        bound = _BOUND.match(self.text, self.at)
        written = bound[0] if bound else character
        following = self.text[self.at + len(written) : self.at + len(written) + 1]
        if following in ("?", "+") and following:
            written += following
        self.emit(written, len(written))
        self.quantified = True

    def group(self) -> None:
        rest = self.text[self.at + 1 : self.at + 40]
        named = _NAMED_GROUP.match(rest)
        same = next((start for start in _SAME_GROUPS if rest.startswith(start)), "")
        opening = named[0] if named else same
        if rest.startswith(("?", "*")) and (not opening or rest[len(opening) :].startswith(")")):
            self.unclear(f"a group that begins with `({rest[:2]}`")
            return
        # A name changes nothing: no construct that could refer to it is read here.
        self.emit(f"({same}", 1 + len(opening), repeatable=False)
        self.depth += 1

    def group_end(self) -> None:
        self.depth -= 1
        if self.depth < 0:
            self.unclear("a `)` that closes nothing", r"write `\)`")
        self.emit(")", 1)

    def alternative(self) -> None:
        self.emit("|", 1, repeatable=False)
        self.branch_start = True

    def line_start(self) -> None:
        # At the start of a branch of a whole match it is always true, and left out it costs nothing.
        free = self.depth == 0 and self.branch_start
        self.emit("" if free else _LINE_START, 1, repeatable=False)

    def line_end(self) -> None:
        free = self.depth == 0 and self.text[self.at + 1 : self.at + 2] in ("", "|")
        self.emit("" if free else _LINE_END, 1, repeatable=False)

    def dot(self) -> None:
        self.emit(".", 1)

    def escape(self) -> None:
        letter = self.text[self.at + 1 : self.at + 2]
        hexadecimal = _HEX.match(self.text, self.at + 1)
        if hexadecimal:
            code = int(hexadecimal[1] or hexadecimal[2], 16)
            self.emit(f"\\x{code:02x}", 1 + len(hexadecimal[0]))
        elif letter == "Q":
            self.quotation()
        elif letter in _SAME_ESCAPES and letter:
            self.emit("\\" + letter, 2, repeatable=letter != "b")
        elif letter in _OTHER_ESCAPES:
            self.emit(_OTHER_ESCAPES[letter], 2)
        elif letter in _POSITIONS:
            self.emit(_POSITIONS[letter], 2, repeatable=False)
        elif letter in "123456789" and letter and not self.text[self.at + 2 : self.at + 3].isdigit():
            self.emit(f"(?:\\{letter})", 2)
        elif not letter or letter.isalnum() or ord(letter) > 127:
            self.unclear(f"the escape `\\{letter}`")
        else:
            self.emit(re.escape(letter), 2)

    def quotation(self) -> None:
        end = self.text.find("\\E", self.at + 2)
        quoted = self.text[self.at + 2 : end]
        if end < 0 or not quoted or not quoted.isascii():
            self.unclear("a `\\Q` without `\\E`, or with letters beyond ASCII between them")
        self.emit(re.escape(quoted), len(quoted) + 4)

    def bracket(self) -> None:
        read = _Set(self.text, self.at)
        read.run()
        if read.problem:
            self.unclear(read.problem)
        else:
            self.emit("".join(read.out), read.at - self.at)


_STEPS = {
    "(": _Scanner.group,
    ")": _Scanner.group_end,
    "|": _Scanner.alternative,
    "^": _Scanner.line_start,
    "$": _Scanner.line_end,
    ".": _Scanner.dot,
    "\\": _Scanner.escape,
    "[": _Scanner.bracket,
}


class _Set:
    """Reads one bracketed set; `at` ends behind its closing bracket."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.at = start + 1
        self.out = ["["]
        self.problem = ""
        self.single = False  # whether what stands before may begin a range
        self.ranged = False  # whether it ended one

    def run(self) -> None:
        if self.text[self.at : self.at + 1] == "^":
            self.out.append("^")
            self.at += 1
        first = True
        while not self.problem:
            character = self.text[self.at : self.at + 1]
            if not character:
                self.problem = "a `[` that is never closed"
            elif character == "]" and not first:
                self.out.append("]")
                self.at += 1
                return
            else:
                self.item(character)
            first = False

    def item(self, character: str) -> None:
        if character == "[" and self.text[self.at + 1 : self.at + 2] in (":", ".", "="):
            self.posix_class()
        elif character == "-":
            self.dash()
        elif character == "\\":
            self.escape()
        else:
            self.add(character, 1)

    def posix_class(self) -> None:
        end = self.text.find(":]", self.at)
        name = self.text[self.at + 2 : end] if end >= 0 else ""
        if self.text[self.at + 1] != ":" or name not in _POSIX_CLASSES:
            self.problem = f"`{self.text[self.at : self.at + 12]}` inside a set"
            return
        self.out.append(_POSIX_CLASSES[name])
        self.at = end + 2
        self.single = self.ranged = False

    def dash(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "]" or (self.out[-1] in ("[", "^") and len(self.out) <= 2):
            self.add("-", 1)
        elif not self.single or self.ranged or following in ("[", "\\", "-", ""):
            self.problem = "a `-` inside a set that is neither first, last nor a range of two characters"
        else:
            self.out.append("-")
            self.at += 1
            self.add(following, 1)
            self.ranged = True

    def escape(self) -> None:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter in _SAME_IN_SET and letter:
            self.out.append("\\" + letter)
            self.at += 2
            self.single, self.ranged = letter in "nrtfa", False
        elif not letter or letter.isalnum():
            self.problem = f"the escape `\\{letter}` inside a set"
        else:
            self.add(letter, 2)

    def add(self, character: str, length: int) -> None:
        if ord(character) > 127:
            self.problem = "a letter beyond ASCII inside a set"
            return
        self.out.append(re.escape(character) if character != "-" else "\\-")
        self.at += length
        self.single, self.ranged = True, False
