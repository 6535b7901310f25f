#!/bin/sh
# Asks an IdleClaw server. Options: lobstah consume --help
exec sh "$(dirname "$0")/lobstah.sh" idleclaw consume "$@"
