"""The kernels of a session, which need not be waited for.

The first one starts with its server (`manager`). For the next ones and for restarts an interpreter
of the session's own waits, which has imported ipykernel (`spare`, `interpreter`). It is a process
of the session's from its beginning, in its layer, with its variables, and becomes a kernel once:
nothing of it is another reader's, before or after. The hub keeps all of them together within what
the operator gives them (`ledger`).
"""
