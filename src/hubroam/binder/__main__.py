"""``python -m hubroam.binder``: how JupyterHub starts the Binder service."""

from hubroam.binder.app import main

main()
