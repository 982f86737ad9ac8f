from redis import Redis

from flowdb.testing import RunningRedis


def test_the_redis_of_the_session_wants_its_password(redis_server: RunningRedis) -> None:
    environment = redis_server.environment()
    with Redis(redis_server.host, redis_server.port, password=environment["REDIS_PASSWORD"]) as client:
        assert client.ping()
