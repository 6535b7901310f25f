#!/bin/sh
# Runs the lobstah command from a checkout with the Node 24 that npm installed, whatever Node is on PATH.
set -eu
here=$0
while [ -h "$here" ]; do # npx and npm link to this file: follow to where it really is
  target=$(readlink "$here")
  case $target in
    /*) here=$target ;;
    *) here=$(dirname "$here")/$target ;;
  esac
done
root=$(cd "$(dirname "$here")/.." && pwd -P)
node=$root/node_modules/node/bin/node
if [ ! -x "$node" ]; then
  echo "lobstah: run 'npm install' in $root first" >&2
  exit 1
fi
exec "$node" --disable-warning=ExperimentalWarning "$root/app/cli/main.ts" "$@"
