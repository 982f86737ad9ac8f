# FlowDB with synthetic data as its variables say, made at the first start, before the server listens.
ARG FLOWDB_IMAGE=flowminder/flowdb:latest
FROM ${FLOWDB_IMAGE}
# Without a password for the superuser one is made up at each start, in this file: nobody else needs it.
# The variable names a file, not a secret.
# hadolint ignore=DL3064
ENV POSTGRES_PASSWORD_FILE=/tmp/flowdb-superuser-password \
    SYNTHETIC_DATA_GENERATOR=sql \
    NUM_DFS_SUBSCRIBERS=1000 \
    NUM_DFS_TRANSACTIONS=3000
# A large data set takes its time.
HEALTHCHECK --interval=30s --start-interval=10s --timeout=15s --start-period=7200s --retries=3 CMD ["flowdb", "status"]
CMD ["flowdb", "start", "--foreground", "--generate"]
LABEL org.opencontainers.image.title="flowdb-synthetic-data"
