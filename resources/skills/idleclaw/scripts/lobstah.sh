#!/bin/sh
# Runs lobstah: $LOBSTAH_COMMAND, the one this skill was installed by, the one on PATH, or the checkout around this folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
noted=$here/../lobstah-command
if [ -n "${LOBSTAH_COMMAND:-}" ]; then
  command=$LOBSTAH_COMMAND
elif [ -r "$noted" ] && [ -x "$(cat "$noted")" ]; then
  command=$(cat "$noted")
elif command -v lobstah >/dev/null 2>&1; then
  command=lobstah
elif [ -x "$here/../../../../tools/lobstah.sh" ]; then
  command=$here/../../../../tools/lobstah.sh
else
  echo "idleclaw: lobstah is not installed here. Install Lobstah, or set LOBSTAH_COMMAND to where it is." >&2
  exit 1
fi
exec "$command" "$@"
