"""``hubroam demo``: a sample book on one origin, a hub on another."""
