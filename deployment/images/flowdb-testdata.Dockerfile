# FlowDB with the test data set, seven days of 499 subscribers, loaded at the first start, before the server listens.
ARG FLOWDB_IMAGE=flowminder/flowdb:latest
FROM ${FLOWDB_IMAGE}
# Without a password for the superuser one is made up at each start, in this file: nobody else needs it.
# The variable names a file, not a secret.
# hadolint ignore=DL3064
ENV POSTGRES_PASSWORD_FILE=/tmp/flowdb-superuser-password
CMD ["flowdb", "start", "--foreground", "--test-data"]
LABEL org.opencontainers.image.title="flowdb-testdata"
