"""Spelling of words that authors write: the nearest known word, and a hint that names it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


# Among more words than this, the nearest one is looked up instead of compared with each.
_MAX_COMPARED_WORDS = 400
# The least likeness of a nearest word, as difflib measures it: twice the common characters by the length of both words.
_MIN_LIKENESS = 0.6
# More words than this are not listed in a hint.
_MAX_LISTED_WORDS = 24


class Vocabulary:
    """The words that are known somewhere, made once where many words are looked up."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(dict.fromkeys(words))
        self._known = frozenset(self.words)
        self._folded = {word.casefold(): word for word in reversed(self.words)}
        self._shorter: dict[str, str] | None = None
        self._letters: _LetterIndex | None = None

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def nearest(self, word: str) -> str | None:
        """The known word that was probably meant, or None where none is close."""
        folded = word.casefold()
        if folded in self._folded:
            return self._folded[folded]
        if len(self._folded) > _MAX_COMPARED_WORDS:
            return self._looked_up(folded)
        if self._letters is None:
            self._letters = _LetterIndex(self._folded)
        close = self._letters.closest(folded)
        return self._folded[close] if close is not None else None

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


class _LetterIndex:
    """Words by their letters: an unknown word is compared only with those that have enough letters in common with it."""

    def __init__(self, words: Iterable[str]) -> None:
        self._bits: dict[tuple[str, int], int] = {}
        self._words = []
        for word in words:
            occurrences = _occurrences(word)
            for each in occurrences:
                self._bits.setdefault(each, 1 << len(self._bits))
            self._words.append((word, sum(self._bits[each] for each in occurrences)))

    def closest(self, word: str) -> str | None:
        """The most similar word; the last in the alphabet of several that are equally similar."""
        letters = sum(self._bits.get(each, 0) for each in _occurrences(word))
        candidates = []
        for known, known_letters in self._words:
            most = 2 * (letters & known_letters).bit_count() / (len(word) + len(known))
            if most >= _MIN_LIKENESS:
                candidates.append((most, known))
        if not candidates:
            return None
        from difflib import SequenceMatcher  # noqa: PLC0415 - only for words that are unknown

        matcher = SequenceMatcher(None, "", word)
        best = (0.0, "")
        for most, known in sorted(candidates, reverse=True):
            if most < best[0]:
                break  # the candidates that follow have still fewer letters in common
            matcher.set_seq1(known)
            best = max(best, (matcher.ratio(), known))
        return best[1] if best[0] >= _MIN_LIKENESS else None


def _occurrences(word: str) -> list[tuple[str, int]]:
    """Each character of a word with the number of the same before it."""
    counts: dict[str, int] = {}
    occurrences = []
    for character in word:
        count = counts.get(character, 0)
        counts[character] = count + 1
        occurrences.append((character, count))
    return occurrences


def _shortened(word: str) -> Iterable[str]:
    """The word without each of its characters."""
    return (word[:index] + word[index + 1 :] for index in range(len(word)))


@lru_cache(maxsize=16)
def _vocabulary(words: tuple[str, ...]) -> Vocabulary:
    """The vocabulary of these words, kept because many words are looked up among the same ones."""
    return Vocabulary(words)


def nearest(word: str, candidates: Iterable[str] | Vocabulary) -> str | None:
    """The known word that was probably meant, or None where none is close."""
    vocabulary = candidates if isinstance(candidates, Vocabulary) else _vocabulary(tuple(candidates))
    return vocabulary.nearest(word)


def did_you_mean(word: str, candidates: Iterable[str] | Vocabulary, *, otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists what is known."""
    vocabulary = candidates if isinstance(candidates, Vocabulary) else _vocabulary(tuple(candidates))
    close = vocabulary.nearest(word)
    if close is not None:
        return f"did you mean `{close}`?"
    if otherwise or not vocabulary.words:
        return otherwise
    listed = ", ".join(f"`{name}`" for name in vocabulary.words[:_MAX_LISTED_WORDS])
    more = len(vocabulary.words) - _MAX_LISTED_WORDS
    return f"known here: {listed}" + (f", and {more} more" if more > 0 else "")
