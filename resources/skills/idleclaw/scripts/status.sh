#!/bin/sh
# How an IdleClaw server is. Options: lobstah idleclaw status --help
exec sh "$(dirname "$0")/lobstah.sh" idleclaw status "$@"
