"""Random requests, made from the OpenAPI document, to every operation and with every kind of token."""
