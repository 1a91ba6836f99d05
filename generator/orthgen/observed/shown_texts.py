"""The texts of sources as excerpts may show them: without secrets and tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.observed.redaction import redacted


class ShownTexts(Mapping[str, str]):
    """Texts by file name, each redacted when it is asked for: most findings show few files."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._shown: dict[str, str] = {}

    def __getitem__(self, file: str) -> str:
        if file not in self._shown:
            self._shown[file] = redacted(self._texts[file])
        return self._shown[file]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
