#!/bin/sh
# Write the hashed locks from pyproject.toml: `make lock`, or with UPGRADE=1 to take newer releases.
# Hashes cover all of a release's files; no index address is written, so the registry of the machine applies.
set -eu
cd "$(dirname "$0")/../.."
uv=${UV:-.local/uv/bin/uv}

lock() {
    name=$1
    shift
    "$uv" pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_36 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-strip-extras \
        --custom-compile-command "make lock" ${UPGRADE:+--upgrade} \
        --output-file "deploy/requirements/$name.txt" "$@"
}

lock development pyproject.toml --all-extras --group local --group test
for service in ingest metrics alerts desk; do
    lock "$service" pyproject.toml --extra "$service" --constraints deploy/requirements/development.txt
done
for tool in installer java; do
    lock "$tool" --group "pyproject.toml:$tool"
done
