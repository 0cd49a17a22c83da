#!/bin/sh
# Starts Grafana in its container: start.sh BOARDS TO COMMAND… copies the boards with the desk's address of this
# installation (LIANGSHAI_DESK_URL) in their links: a provisioned board cannot be given a variable's value otherwise.
set -eu
from=$1 to=$2
shift 2
mkdir -p "$to"
for board in "$from"/*.json; do
  sed "s|http://127.0.0.1:8104|${LIANGSHAI_DESK_URL%/}|g" "$board" >"$to/${board##*/}"
done
exec "$@"
