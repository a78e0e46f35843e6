"""JupyterHub, configured: one origin that is a JupyterHub and a BinderHub."""
