#!/usr/bin/env bash
# Removes what secrets-quickstart.sh made: stack, secrets, volumes, keys, data, and the swarm if it made that.
#
#   secrets_quickstart/uninstall.sh [--yes]
#
# Asks before it removes data, unless --yes is given. Secrets that somebody else made stay.
set -euo pipefail
# shellcheck source=secrets_quickstart/settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

if [ "${1:-}" != --yes ]; then
    read -r -p "Remove the stack '$STACK_NAME' with its secrets, and $STATE with all data of FlowDB? [y/N] " answer
    [[ $answer == [yY]* ]] || fail "Nothing was removed."
fi

# Waits until a command prints nothing.
wait_until_gone() {
    local tries
    for ((tries = 0; tries < 60; tries++)); do
        [ -n "$("$@" 2>/dev/null)" ] || return 0
        sleep 1
    done
    fail "Still there after a minute: $("$@")"
}

mine="label=com.docker.stack.namespace=$STACK_NAME"
if [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = active ]; then
    docker stack rm "$STACK_NAME" >/dev/null 2>&1 || true
    wait_until_gone docker ps --all --quiet --filter "$mine"
    wait_until_gone docker network ls --quiet --filter "$mine"
    docker secret ls --quiet --filter "label=$LABEL=$STACK_NAME" | xargs -r docker secret rm >/dev/null
fi
docker volume ls --quiet --filter "$mine" | xargs -r docker volume rm >/dev/null
if [ -f "$STATE/made-swarm" ]; then
    if [ -z "$(docker service ls --quiet)" ]; then
        docker swarm leave --force >/dev/null
    else
        say "Other services run in the swarm: it stays."
    fi
fi
case $FLOWDB_DATA_DIR in
    "$STATE"/*) ;;
    *) say "FlowDB's data stay in $FLOWDB_DATA_DIR." ;;
esac
rm -rf --one-file-system "$STATE"
say "The stack '$STACK_NAME' is gone."
