"""The container builder: what only an image can honour, by repo2docker on Docker or Podman."""
