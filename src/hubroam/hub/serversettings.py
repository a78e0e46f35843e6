"""What hubroam's own Jupyter servers are told; imported by the hub and by the warm parent."""

from __future__ import annotations

from pathlib import Path

#: On their command line.
SERVER_ARGUMENTS = (
    # extensions would be installed into the hub's own packages, or into what sessions share
    "--LabApp.extension_manager=readonly",
    # looking for language servers runs npm, for as long as all else takes
    "--LanguageServerManager.autodetect=False",
)

#: A folder of configuration: no news of Jupyter on a book's page, and no `notebook_shim`, which
#: reads every property of the server to add those of the classic notebook, and imports IPython.
SERVER_SETTINGS = Path(__file__).parent / "jupyter"
