"""Where users know the server's modules from; they are those of :mod:`flowmachine.server`."""
