"""
Write a review into a pull request: one comment, which later runs replace.

Takes the Markdown file as its argument, and ORTHGEN_TOKEN and GitHub's own variables from the environment. A token
that may not write (a request from a fork) is a warning: the summary of the job has the review.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

MARK = "<!-- orthgen review -->"
# GitHub refuses longer comments (65,536 characters).
MAX_LENGTH = 65_000
_LEFT_OUT = "\n\nThe review is longer than a comment can be: the summary of the job has all of it."


def comment_of(review: str) -> str:
    """The comment's text; a long review ends after a whole line, with its block of code closed."""
    text = f"{MARK}\n{review}"
    if len(text) <= MAX_LENGTH:
        return text
    lines, length, fence = [], len(_LEFT_OUT) + 100, ""
    for line in text.split("\n"):
        length += len(line) + 1
        if length > MAX_LENGTH:
            break
        lines.append(line)
        mark = re.match("`{3,}", line)
        if mark and (not fence or line == fence):
            fence = "" if fence else mark[0]
    return "\n".join([*lines, *([fence] if fence else [])]) + _LEFT_OUT


def ask(method: str, path: str, body: Any = None) -> Any:
    """The answer of GitHub's API."""
    request = Request(  # noqa: S310 - the runner names the address
        f"{os.environ['GITHUB_API_URL']}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['ORTHGEN_TOKEN']}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        },
    )
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


def write(review: str) -> None:
    """Replace the comment of an earlier run, or make one."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    repository = f"/repos/{os.environ['GITHUB_REPOSITORY']}"
    comments = f"{repository}/issues/{event['pull_request']['number']}/comments"
    body = {"body": comment_of(review)}
    page = 1
    while found := ask("GET", f"{comments}?per_page=100&page={page}"):
        for comment in found:
            if str(comment["body"]).startswith(MARK):
                ask("PATCH", f"{repository}/issues/comments/{comment['id']}", body)
                return
        page += 1
    ask("POST", comments, body)


def main() -> None:
    """Write the comment; warn where the token may not."""
    try:
        write(Path(sys.argv[1]).read_text(encoding="utf-8"))
    except HTTPError as error:
        if error.code not in {401, 403, 404}:
            raise
        print(  # noqa: T201
            f"::warning title=orthgen::no comment: GitHub answers {error.code}, because the token may not write to the "
            "request. The summary of the job has the review."
        )


if __name__ == "__main__":
    main()
