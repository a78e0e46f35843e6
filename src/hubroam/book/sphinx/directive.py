"""The ``hub-launch`` directive and the node that it leaves."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from hubroam.book.launch import LaunchSettings
from hubroam.errors import LaunchSettingsError

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


class hub_launch(nodes.General, nodes.Element):  # noqa: N801  (docutils' way to name nodes)
    """A place for the launch control.

    Attributes (as of a docutils node):
        docname: The page that it is written in.
        settings: What the directive says, as `LaunchSettings.read` takes it.
        page: The `PageLaunch`, once it is known.
    """


class HubLaunch(SphinxDirective):
    """Puts the launch control here; its options are the page's launch settings."""

    optional_arguments = 1  # the repository, or `false`
    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(
        (field.name for field in fields(LaunchSettings) if field.name != "launch"),
        directives.unchanged,
    )

    def run(self) -> list[nodes.Node]:
        """Leave the node, or a warning when the options cannot be used."""
        settings: dict[str, str] | bool = dict(self.options)
        if self.arguments == ["false"]:
            settings = False
        elif self.arguments:
            settings = {"repo": self.arguments[0], **self.options}
        try:
            LaunchSettings.read(settings)
        except LaunchSettingsError as error:
            warn(error, self.get_location())
            return []
        node = hub_launch(docname=self.env.docname, settings=settings)
        self.set_source_info(node)
        return [node]


def warn(error: LaunchSettingsError, location: Any, *, once: bool = False) -> None:
    """Tell an author; the build goes on.

    Args:
        error: What is wrong.
        location: A node, or ``file:line``.
        once: Whether to say it for the first of many pages only.
    """
    text = f"{error.message} {error.next_step}"
    logger.warning(text, location=location, type="hubroam", subtype=error.code, once=once)


def show(translator: HTML5Translator, node: hub_launch) -> None:
    """Write the control into a page."""
    translator.body.append(f"{node['page'].element}\n")
    raise nodes.SkipNode
