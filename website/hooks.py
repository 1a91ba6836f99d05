"""
Hooks of MkDocs: the front page from README.md, links that leave docs/, and the script of the search.

The pages are written to be read in the repository, so links name files as they lie there. On the site, README.md is the front
page, and other files outside docs/ are on the repository's own pages. The theme (Material 9.8) loads one script from elsewhere,
without which the search does not work in a folder; the site gets it from the npm package instead.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_LINK = re.compile(r"(?<=\]\()(?!https?:|#|mailto:)([^)#\s]*)(#[^)\s]*)?(?=\))")
_FOREIGN_SCRIPT = "https://unpkg.com/iframe-worker/shim"
_OWN_SCRIPT = "assets/javascripts/iframe-worker.js"
_PACKAGES = Path(os.environ.get("WEBSITE_PACKAGES") or Path(__file__).parent / "node_modules")
_README = "README.md"
_FRONT_PAGE = "index.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the front page, which is README.md."""
    readme = Path(config.docs_dir).parent / _README
    files.append(File.generated(config, _FRONT_PAGE, content=readme.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as the site has them: within docs/ as they are, README.md as the front page, others in the repository."""
    # Where the page lies in the repository.
    name = page.file.src_uri
    written_in = "" if name == _FRONT_PAGE else posixpath.join("docs", posixpath.dirname(name))

    def site_link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(written_in, match[1])) if match[1] else ""
        fragment = match[2] or ""
        if not target:
            return match[0]
        if target == _README:
            return _relative(_FRONT_PAGE, name) + fragment
        if target.startswith("docs/") and files.get_file_from_path(target.removeprefix("docs/")):
            return _relative(target.removeprefix("docs/"), name) + fragment
        return f"{config.extra['repository']}/blob/main/{target}{fragment}"

    return _LINK.sub(site_link, markdown)


def _relative(target: str, page: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001 - MkDocs passes them by name
    """Load the script of the search from the site."""
    return output.replace(_FOREIGN_SCRIPT, _relative(_OWN_SCRIPT, page.file.dest_uri))


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:  # noqa: ARG001
    """The same for pages that have no Markdown, such as 404.html."""
    return output_content.replace(_FOREIGN_SCRIPT, _OWN_SCRIPT)


def on_post_build(config: MkDocsConfig) -> None:
    """Copy the script of the search; `npm ci --prefix website` installs it."""
    shutil.copyfile(_PACKAGES / "iframe-worker/shim/index.js", Path(config.site_dir) / _OWN_SCRIPT)
