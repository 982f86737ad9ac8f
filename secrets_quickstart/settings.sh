# shellcheck shell=bash disable=SC2034
# What the scripts of the quickstart share. Every variable can be set by the caller.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stacks=$(cd "$here/../deployment/stacks" && pwd)

STACK_NAME=${STACK_NAME:-flowkit}
# Holds the signing key, the certificate and FlowDB's data: for the owner's eyes only.
STATE=${QUICKSTART_STATE:-$here/state}
LABEL=org.flowkit.quickstart
START_TIMEOUT=${START_TIMEOUT:-900}

export CONTAINER_REPOSITORY=${CONTAINER_REPOSITORY:-flowminder} CONTAINER_TAG=${CONTAINER_TAG:-latest}
export FLOWDB_IMAGE=${FLOWDB_IMAGE:-flowdb-synthetic-data}
export FLOWAPI_HOST_PORT=${FLOWAPI_HOST_PORT:-9090}
export FLOWKIT_SECRETS_PREFIX=${FLOWKIT_SECRETS_PREFIX:-}
export FLOWDB_DATA_DIR=${FLOWDB_DATA_DIR:-$STATE/flowdb_pgdata} FLOWDB_ETL_DIR=${FLOWDB_ETL_DIR:-$STATE/etl}
if [ "$(id -u)" -eq 0 ]; then
    # Nothing runs as root.
    export FLOWDB_HOST_USER_ID=${FLOWDB_HOST_USER_ID:-999} FLOWDB_HOST_GROUP_ID=${FLOWDB_HOST_GROUP_ID:-999}
else
    export FLOWDB_HOST_USER_ID=${FLOWDB_HOST_USER_ID:-$(id -u)} FLOWDB_HOST_GROUP_ID=${FLOWDB_HOST_GROUP_ID:-$(id -g)}
fi

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

services_of_stack() {
    docker service ls --filter "label=com.docker.stack.namespace=$STACK_NAME" --format '{{.Name}} {{.Replicas}}'
}

has_ipvs() {
    # Where the engine runs in a virtual machine of its own, this system cannot tell, and the engine's has it.
    [ "$(uname -s)" != Linux ] || [ -e /proc/net/ip_vs ] || modprobe -q ip_vs 2>/dev/null
}
