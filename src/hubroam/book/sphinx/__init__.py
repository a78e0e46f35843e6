"""The launch control in books made with Sphinx: ``extensions = ["hubroam.book.sphinx"]``.

How authors use it: ``docs/how-to/sphinx.md``. Nothing is kept in Sphinx's environment but the
``hub-launch`` directive's node; what a page shows is decided when the page is written. So an
incremental or a parallel build has nothing to merge or to purge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubroam import __version__
from hubroam.book.sphinx.directive import HubLaunch, hub_launch, show
from hubroam.book.sphinx.launches import Launches

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    launches = Launches(app)
    app.add_config_value("hubroam_launch", None, "html")
    # what is not in the configuration and decides what pages show: a change writes them anew
    app.add_config_value("hubroam_found", "", "html")
    app.add_node(hub_launch, html=(show, None))
    app.add_directive("hub-launch", HubLaunch)
    app.connect("config-inited", launches.read_configuration)
    app.connect("builder-inited", launches.write_modules)
    app.connect("doctree-resolved", launches.place)
    app.connect("html-page-context", launches.complete_page)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
