#!/bin/sh
# Lends this machine to IdleClaw servers. Options: lobstah contribute --help
exec sh "$(dirname "$0")/lobstah.sh" idleclaw contribute "$@"
