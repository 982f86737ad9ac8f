"""Clients of Redis, as FlowMachine needs them."""

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry


def make_client(host: str, port: int, password: str) -> redis.Redis:
    """Return a client that gives text, and soon tells that Redis is away."""
    return redis.Redis(
        host=host,
        port=port,
        password=password,
        decode_responses=True,
        health_check_interval=30,
        # Whoever waits for a reply is told in a second or two that Redis is away.
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
        socket_connect_timeout=5,
        socket_timeout=10,
    )


def decoding(client: redis.Redis) -> redis.Redis:
    """Return a client of the same Redis that gives text."""
    if client.get_encoder().decode_responses:
        return client
    pool = client.connection_pool
    parameters = {**pool.connection_kwargs, "decode_responses": True}
    return redis.Redis(
        connection_pool=redis.ConnectionPool(connection_class=pool.connection_class, **parameters)
    )
