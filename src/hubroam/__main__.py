"""``python -m hubroam``: the command line."""

from hubroam.cli import main

main()
