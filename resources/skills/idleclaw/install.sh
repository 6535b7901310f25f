#!/bin/sh
# Makes this skill ready: finds lobstah and checks that it knows IdleClaw. Downloads nothing.
#   sh install.sh            check, in place
#   sh install.sh FOLDER     copy the skill to FOLDER/idleclaw (an agent's folder of skills), then check there
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
if [ $# -gt 0 ]; then
  exec sh "$here/scripts/lobstah.sh" idleclaw skill --to "$1"
fi
version=$(sh "$here/scripts/lobstah.sh" --version)
if ! sh "$here/scripts/lobstah.sh" idleclaw --help >/dev/null 2>&1; then
  echo "idleclaw: lobstah $version is too old for this skill: update it." >&2
  exit 1
fi
echo "idleclaw: ready, with lobstah $version"
if [ -z "${IDLECLAW_SERVER:-}" ]; then
  echo "idleclaw: no server is set; give --server URL or set IDLECLAW_SERVER"
fi
