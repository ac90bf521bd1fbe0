#!/bin/sh
# enter.sh CGROUP... -- COMMAND...: moves itself into the cgroups and becomes the command.
while [ "$1" != -- ]; do
  echo $$ >"$1/cgroup.procs" || exit 97
  shift
done
shift
exec "$@"
