#!/usr/bin/env bash
# Signs a token for the API of the quickstart and prints it.
#
#   secrets_quickstart/token.sh [--username NAME] [--lifetime DAYS] [--scope SCOPE ...]
#
# Without --scope it grants all that the API offers. FlowAuth does this for people; this is for trying out.
set -euo pipefail
# shellcheck source=secrets_quickstart/settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

key=$STATE/tokens-private-key.key
[ -r "$key" ] || fail "There is no key at $key: tokens are signed where it was made."
document=$(mktemp -t flowkit-spec.XXXXXX)
trap 'rm -f "$document"' EXIT
curl --silent --show-error --fail --cacert "$STATE/cert-flowkit.pem" --output "$document" \
    "https://localhost:$FLOWAPI_HOST_PORT/api/0/spec/openapi.json"
chmod 644 "$document"
PRIVATE_JWT_SIGNING_KEY=$(cat "$key")
export PRIVATE_JWT_SIGNING_KEY
docker run --rm --network none --read-only --cap-drop ALL --env PRIVATE_JWT_SIGNING_KEY \
    --volume "$document:/openapi.json:ro" --entrypoint generate-jwt \
    "$CONTAINER_REPOSITORY/flowapi:$CONTAINER_TAG" --spec-file /openapi.json --username analyst --lifetime 1 "$@"
