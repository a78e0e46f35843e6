"""``python -m hubroam.binder``: how JupyterHub starts the Binder service."""

from hubroam.hub.deferred import GRAMMAR, deferring

with deferring(GRAMMAR):
    from hubroam.binder.app import main

main()
