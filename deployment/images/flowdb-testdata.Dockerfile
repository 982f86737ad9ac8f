# FlowDB with a small data set of seven days, made at the first start, before the server listens.
ARG FLOWDB_IMAGE=flowminder/flowdb:latest
FROM ${FLOWDB_IMAGE}
# Without a password for the superuser one is made up at each start, in this file: nobody else needs it.
# The variable names a file, not a secret.
# hadolint ignore=DL3064
ENV POSTGRES_PASSWORD_FILE=/tmp/flowdb-superuser-password \
    SYNTHETIC_DATA_GENERATOR=python \
    N_DAYS=7 \
    N_SUBSCRIBERS=2000 \
    N_CALLS=10000 \
    N_SMS=10000 \
    N_CELLS=200
CMD ["flowdb", "start", "--foreground", "--generate"]
LABEL org.opencontainers.image.title="flowdb-testdata"
