"""From a Sphinx book's configuration and pages to the launch control on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes

from hubroam.book.launch import LaunchSettings, PageLaunch
from hubroam.book.repository import Checkout
from hubroam.book.sphinx.directive import hub_launch, warn
from hubroam.book.sphinx.pages import Pages, line_of
from hubroam.book.sphinx.settings import folder, sources
from hubroam.errors import LaunchSettingsError
from hubroam.resources import control_modules

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

# HTML that is read where no script runs, or no other site is to be had
_OFFLINE = {"applehelp", "devhelp", "epub", "htmlhelp", "qthelp"}
_FOLDER = "hubroam"  # below _static
# in frontmatter, in a field list, in a notebook's metadata
_LAUNCH = r'^\s*[:"]?launch"?:'


class Launches:
    """The launches of one book; Sphinx calls its methods as events.

    Args:
        app: The application; not configured yet.
    """

    def __init__(self, app: Sphinx) -> None:
        self._app = app
        self._book: LaunchSettings | None = None
        self._pages = Pages(Path(), None, "")

    def read_configuration(self, app: Sphinx, config: Config) -> None:
        """Find the book's repository; a wrong setting is one warning, and no page has a control."""
        srcdir = Path(app.srcdir)
        checkout = Checkout.of(srcdir)
        found = []
        for word, read in sources(config, checkout):
            try:
                settings = read()
                if settings.repo:
                    settings.page()
            except LaunchSettingsError as error:
                said = error.message if word in error.message else f"{word}: {error.message}"
                named = LaunchSettingsError(said, next_step=error.next_step)
                warn(named, self._configured(word))
                return
            found.append(settings)
        self._book = reduce(LaunchSettings.over, found)
        gallery = dict(getattr(config, "sphinx_gallery_conf", None) or {})
        if found[0].repo:  # hubroam_launch is written for us, and wins over what is not
            gallery.pop("binder", None)
        self._pages = Pages(
            srcdir,
            checkout.root if checkout else None,
            folder(config, checkout, srcdir),
            frozenset(getattr(config, "nb_custom_formats", None) or ()),
            gallery,
        )
        config.hubroam_found = repr((self._book, self._pages.folder))

    def write_modules(self, app: Sphinx) -> None:
        """Put the control's modules beside the book's other scripts."""
        if not self._with_scripts:
            return
        place = Path(app.outdir) / "_static" / _FOLDER
        place.mkdir(parents=True, exist_ok=True)
        for name, content in control_modules().items():
            (place / name).write_bytes(content)

    def place(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Put the control onto a page, or onto each of those that one file is made of."""
        for name, part in _parts(doctree, docname):
            placed = [node for node in part.findall(hub_launch) if node["docname"] == name]
            own = self._page_settings(name)
            if placed:
                for node in placed:
                    self._fill(node, name, LaunchSettings.read(node["settings"]), own)
            elif own is not None:
                node = hub_launch(docname=name, settings={})
                if title := next(part.findall(nodes.title), None):
                    title.parent.insert(title.parent.index(title) + 1, node)
                else:
                    part.insert(0, node)
                self._fill(node, name, None, own)

    def complete_page(
        self, app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
    ) -> None:
        """Give a page with a control its script, and say in its head what it launches."""
        shown = next(doctree.findall(hub_launch), None) if doctree is not None else None
        if shown is None:
            return
        for script in shown["page"].scripts:
            app.add_js_file(f"{_FOLDER}/{script}", type="module")
        context["metatags"] = context.get("metatags", "") + shown["page"].meta

    @property
    def _with_scripts(self) -> bool:
        builder = self._app.builder
        return builder.format == "html" and builder.name not in _OFFLINE

    def _page_settings(self, docname: str) -> LaunchSettings | None:
        """What the page itself says; None where it says something that cannot be used."""
        given = self._app.env.metadata.get(docname, {}).get("launch")
        if given is None:
            return LaunchSettings()
        # slow to import, and most books have no such page
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            # MyST hands a mapping on as JSON, and a field list as it is written
            value = YAML(typ="safe", pure=True).load(given) if isinstance(given, str) else given
            settings = LaunchSettings.read(value)
        except YAMLError:
            error = LaunchSettingsError(
                "launch cannot be read.", next_step="Write it as in launch: {path: notebook.ipynb}."
            )
        except LaunchSettingsError as wrong:
            error = wrong
        else:
            wanted = settings.launch is None and settings != LaunchSettings()
            return replace(settings, launch=True) if wanted else settings
        warn(error, self._written(docname))
        return None

    def _fill(
        self,
        node: hub_launch,
        docname: str,
        directive: LaunchSettings | None,
        own: LaunchSettings | None,
    ) -> None:
        """Make a node into what its page shows, if the page shows it."""
        location = node if node.line else self._written(docname)
        try:
            page = self._launch(docname, directive, own)
        except LaunchSettingsError as error:
            warn(error, location)
            page = None
        if page is None or not self._app.builder.format:  # a builder that writes no pages
            node.parent.remove(node)
        elif self._with_scripts:
            node["page"] = page
        else:
            label = page.label or "Launch"
            link = nodes.reference("", label, refuri=page.link, internal=False)
            node.replace_self(nodes.paragraph("", "", link))

    def _launch(
        self, docname: str, directive: LaunchSettings | None, own: LaunchSettings | None
    ) -> PageLaunch | None:
        """What a page launches.

        Raises:
            LaunchSettingsError: A setting cannot be used, or the page is not in the repository.
        """
        if own is None or self._book is None:  # it was warned of
            return None
        said = own
        if directive is not None:
            said = replace(directive, launch=directive.launch is not False).over(own)
        if (said.launch if said.launch is not None else self._book.launch) is False:
            return None
        found = LaunchSettings()
        if not (said.repo or said.path or said.urlpath):
            source = Path(self._app.env.doc2path(docname))
            notebook = self._pages.notebook(source)
            if notebook is None and not (said.launch or self._book.launch):
                return None
            found = notebook or LaunchSettings(path=self._pages.path(source))
        settings = said.over(found.over(self._book))
        if settings.repo is None:
            try:
                settings.page()
            except LaunchSettingsError as error:
                step = 'Write hubroam_launch = {"repo": "user/repo"} into conf.py.'
                named = LaunchSettingsError(error.message, next_step=step)
                warn(named, self._configured("hubroam.book.sphinx"), once=True)
            return None
        return settings.page()

    def _written(self, docname: str) -> str:
        """Where a page's ``launch:`` is written."""
        file = Path(self._app.env.doc2path(docname))
        return f"{file}:{line_of(file, _LAUNCH)}"

    def _configured(self, word: str) -> str:
        """Where a word stands in the book's configuration; Jupyter Book 1 has its own file."""
        folder = Path(self._app.confdir)
        file = next(
            (f for name in ("conf.py", "_config.yml") if (f := folder / name).exists()), folder
        )
        return f"{file}:{line_of(file, re.escape(word))}"


def _parts(doctree: nodes.document, docname: str) -> Iterator[tuple[str, nodes.Element]]:
    """The pages in what is written as one file, each with its name; inner ones first."""
    inner = [(node["docname"], node) for node in doctree.findall(addnodes.start_of_file)]
    yield from reversed(inner)
    yield docname, doctree
