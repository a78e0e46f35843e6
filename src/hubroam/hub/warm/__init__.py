"""Servers by forking a process that has imported Jupyter already.

Importing Jupyter takes seconds, forking milliseconds. The *warm parent* (`parent`) is a process
of the hub's that has done the imports and nothing else: one thread, no event loop, no connection
but the pair of sockets by which the hub asks it for servers, and none of the hub's secrets. The
hub's side of it is `stack`; what must not be shared across a fork is renewed in `child`.
"""
