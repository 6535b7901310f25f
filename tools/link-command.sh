#!/bin/sh
# npm links a package's commands for others, never for the package itself: this makes `npx lobstah` work in the checkout.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
mkdir -p "$root/node_modules/.bin"
ln -sf ../../tools/lobstah.sh "$root/node_modules/.bin/lobstah"
