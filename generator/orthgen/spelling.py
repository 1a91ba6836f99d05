"""Spelling of words that authors write: the nearest known word, and a hint that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


# Among more words than this, the nearest one is looked up instead of compared with each.
_MAX_COMPARED_WORDS = 400
# More words than this are not listed in a hint.
_MAX_LISTED_WORDS = 24


class Vocabulary:
    """The words that are known somewhere, made once where many words are looked up."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(dict.fromkeys(words))
        self._known = frozenset(self.words)
        self._folded = {word.casefold(): word for word in reversed(self.words)}
        self._shorter: dict[str, str] | None = None

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def nearest(self, word: str) -> str | None:
        """The known word that was probably meant, or None where none is close."""
        folded = word.casefold()
        if folded in self._folded:
            return self._folded[folded]
        if len(self._folded) > _MAX_COMPARED_WORDS:
            return self._looked_up(folded)
        from difflib import get_close_matches  # noqa: PLC0415 - only for words that are unknown

        close = get_close_matches(folded, list(self._folded), n=1, cutoff=0.6)
        return self._folded[close[0]] if close else None

    def _looked_up(self, folded: str) -> str | None:
        """A known word of which one character was left out, added, or written as another one."""
        if self._shorter is None:
            self._shorter = {
                shorter: word
                for folded_word, word in reversed(self._folded.items())
                for shorter in (*_shortened(folded_word), folded_word)
            }
        tried = (folded, *_shortened(folded))
        return next((self._shorter[shorter] for shorter in tried if shorter in self._shorter), None)


def _shortened(word: str) -> Iterable[str]:
    """The word without each of its characters."""
    return (word[:index] + word[index + 1 :] for index in range(len(word)))


def nearest(word: str, candidates: Iterable[str] | Vocabulary) -> str | None:
    """The known word that was probably meant, or None where none is close."""
    return (candidates if isinstance(candidates, Vocabulary) else Vocabulary(candidates)).nearest(word)


def did_you_mean(word: str, candidates: Iterable[str] | Vocabulary, *, otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists what is known."""
    vocabulary = candidates if isinstance(candidates, Vocabulary) else Vocabulary(candidates)
    close = vocabulary.nearest(word)
    if close is not None:
        return f"did you mean `{close}`?"
    if otherwise or not vocabulary.words:
        return otherwise
    listed = ", ".join(f"`{name}`" for name in vocabulary.words[:_MAX_LISTED_WORDS])
    more = len(vocabulary.words) - _MAX_LISTED_WORDS
    return f"known here: {listed}" + (f", and {more} more" if more > 0 else "")
