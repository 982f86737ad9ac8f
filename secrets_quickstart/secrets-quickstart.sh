#!/usr/bin/env bash
# FlowKit on a swarm of this one host, with random secrets: one command, safe to repeat.
#
#   secrets_quickstart/secrets-quickstart.sh
#
# What exists is kept: secrets, keys, certificate, data. uninstall.sh removes what this made, token.sh signs a token.
# Settings: CONTAINER_TAG, FLOWAPI_HOST_PORT (9090), FLOWDB_IMAGE (flowdb-synthetic-data; flowdb for an empty database),
# FLOWDB_DATA_DIR, N_DAYS and the other variables of the stack files in deployment/stacks.
set -euo pipefail
# shellcheck source=secrets_quickstart/settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

check_host() {
    local program state
    for program in docker openssl curl; do
        command -v "$program" >/dev/null || fail "'$program' is not installed."
    done
    docker info >/dev/null 2>&1 || fail "There is no Docker engine that this user may use (docker info fails)."
    state=$(docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}')
    [ "$state" != "active false" ] || fail "This host is a worker of a swarm: run this on a manager."
}

make_state() {
    mkdir -p "$STATE" "$FLOWDB_DATA_DIR" "$FLOWDB_ETL_DIR"
    chmod 700 "$STATE"
    if [ "$(id -u)" -eq 0 ]; then
        chown "$FLOWDB_HOST_USER_ID:$FLOWDB_HOST_GROUP_ID" "$FLOWDB_DATA_DIR"
    fi
}

make_swarm() {
    [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive ] || return 0
    say "Making a swarm of this one host"
    # It listens to this host alone.
    docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377 >/dev/null
    touch "$STATE/made-swarm"
}

# Uses an image that is there; else pulls it.
need_image() {
    docker image inspect "$1" >/dev/null 2>&1 || { say "Pulling $1"; docker pull --quiet "$1" >/dev/null; }
}

get_images() {
    local name
    for name in "$FLOWDB_IMAGE" flowmachine flowapi; do
        need_image "$CONTAINER_REPOSITORY/$name:$CONTAINER_TAG" ||
            fail "The image '$CONTAINER_REPOSITORY/$name:$CONTAINER_TAG' is neither here nor can it be pulled: run 'make images'."
    done
    if [ -z "${REDIS_IMAGE:-}" ]; then
        # The official one, unless 'make images' had to make one from packages.
        REDIS_IMAGE=$CONTAINER_REPOSITORY/redis:$CONTAINER_TAG
        docker image inspect "$REDIS_IMAGE" >/dev/null 2>&1 || REDIS_IMAGE=redis:7.2-bookworm
    fi
    export REDIS_IMAGE
    need_image "$REDIS_IMAGE" || fail "The image '$REDIS_IMAGE' is neither here nor can it be pulled: set REDIS_IMAGE."
}

have_secret() { docker secret inspect "$FLOWKIT_SECRETS_PREFIX$1" >/dev/null 2>&1; }

# Reads a value from standard input: it is on no command line.
make_secret() {
    docker secret create --label "$LABEL=$STACK_NAME" "$FLOWKIT_SECRETS_PREFIX$1" - >/dev/null
    say "  made $FLOWKIT_SECRETS_PREFIX$1"
}

ensure_secret() { have_secret "$1" || make_secret "$1"; }

random_text() { openssl rand -hex 16 | tr -d '\n'; }

make_passwords() {
    local name
    for name in FLOWDB_POSTGRES_PASSWORD FLOWMACHINE_FLOWDB_PASSWORD FLOWAPI_FLOWDB_PASSWORD REDIS_PASSWORD; do
        random_text | ensure_secret "$name"
    done
    printf flowapi | ensure_secret FLOWAPI_FLOWDB_USER
    printf '%s' "${FLOWAPI_IDENTIFIER:-flowapi_server}" | ensure_secret FLOWAPI_IDENTIFIER
}

make_signing_keys() {
    local private=$STATE/tokens-private-key.key
    if have_secret PUBLIC_JWT_SIGNING_KEY && [ ! -f "$private" ]; then
        say "  the key that signs tokens is not in $STATE: sign them where it is"
        return 0
    fi
    if [ ! -f "$private" ]; then
        (umask 077 && openssl genrsa -out "$private.new" 4096 2>/dev/null && mv "$private.new" "$private")
    fi
    openssl rsa -in "$private" -pubout 2>/dev/null | ensure_secret PUBLIC_JWT_SIGNING_KEY
    ensure_secret PRIVATE_JWT_SIGNING_KEY <"$private"
}

make_certificate() {
    local certificate=$STATE/cert-flowkit.pem key=$STATE/key-flowkit.pem
    if [ ! -f "$certificate" ]; then
        if have_secret cert-flowkit.pem; then
            say "  the certificate is a secret that this did not make: clients need the file"
            return 0
        fi
        # No authority: it vouches for this server alone.
        printf '%s\n' '[req]' 'distinguished_name = name' 'prompt = no' 'x509_extensions = server' \
            '[name]' 'CN = flowkit.api' '[server]' 'basicConstraints = critical, CA:FALSE' \
            'keyUsage = critical, digitalSignature, keyEncipherment' 'extendedKeyUsage = serverAuth' \
            'subjectKeyIdentifier = hash' 'authorityKeyIdentifier = keyid' \
            'subjectAltName = DNS:localhost, DNS:flowkit.api, DNS:flow.api, IP:127.0.0.1' >"$STATE/openssl.cnf"
        (umask 077 && openssl req -x509 -newkey rsa:3072 -nodes -days 825 -config "$STATE/openssl.cnf" \
            -keyout "$key" -out "$certificate.new" 2>/dev/null)
        rm "$STATE/openssl.cnf"
        chmod 644 "$certificate.new"
        mv "$certificate.new" "$certificate"
    fi
    ensure_secret cert-flowkit.pem <"$certificate"
    ensure_secret key-flowkit.pem <"$key"
}

deploy() {
    local file files=()
    for file in flowdb flowmachine flowapi; do files+=(-c "$stacks/$file.yml"); done
    [ "$FLOWDB_IMAGE" != flowdb-synthetic-data ] || files+=(-c "$stacks/synthetic-data.yml")
    if ! has_ipvs; then
        say "The kernel has no IPVS: services are reached without it"
        files+=(-c "$stacks/no-ipvs.yml")
    fi
    docker stack deploy --detach=true --resolve-image never --prune "${files[@]}" "$STACK_NAME" >/dev/null
}

# A service counts as running once its health check passes.
wait_until_well() {
    local started=$SECONDS last='' now
    while true; do
        now=$(services_of_stack | sort)
        if [ "$now" != "$last" ]; then
            say "  after $((SECONDS - started)) s: $(tr '\n' ' ' <<<"${now//"$STACK_NAME"_/}")"
            last=$now
        fi
        if ! grep -qv ' \([1-9][0-9]*\)/\1$' <<<"$now"; then return 0; fi
        if [ $((SECONDS - started)) -gt "$START_TIMEOUT" ]; then
            docker stack ps --no-trunc --filter desired-state=running "$STACK_NAME" --format '{{.Name}} {{.CurrentState}} {{.Error}}' >&2
            fail "Not all services are well after $START_TIMEOUT s: see 'docker service logs $STACK_NAME""_<service>'."
        fi
        sleep 2
    done
}

check_host
make_state
make_swarm
get_images
say "Secrets (those that exist are kept)"
make_passwords
make_signing_keys
make_certificate
say "Deploying the stack $STACK_NAME"
deploy
wait_until_well
cat <<DONE

FlowKit is ready.
  API            https://localhost:$FLOWAPI_HOST_PORT
  documentation  https://localhost:$FLOWAPI_HOST_PORT/api/0/spec/redoc
  certificate    $STATE/cert-flowkit.pem (for localhost, flowkit.api and flow.api; add those names to /etc/hosts to use them)

Sign a token with secrets_quickstart/token.sh, then:

  import flowclient
  connection = flowclient.connect(
      url="https://localhost:$FLOWAPI_HOST_PORT", token="TOKEN", ssl_certificate="$STATE/cert-flowkit.pem"
  )

secrets_quickstart/uninstall.sh removes all of it.
DONE
