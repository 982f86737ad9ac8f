import psycopg2


def test_answers(flowdb_cluster, redis_server):
    for role in ("flowdb", "flowmachine", "flowapi"):
        conn = psycopg2.connect(flowdb_cluster.dsn(role))
        with conn.cursor() as c:
            c.execute("select * from flowdb_version()")
            assert c.fetchone()[0] == "2.0.0"
        conn.close()
