"""The ZeroMQ server: requests in JSON, replies in JSON, results stay in FlowDB."""
