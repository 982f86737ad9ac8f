pytest_plugins = ["flowdb.testing"]
