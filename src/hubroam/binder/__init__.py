"""The Binder service: BinderHub's protocol, spoken beside JupyterHub."""
