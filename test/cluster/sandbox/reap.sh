#!/bin/sh
# reap.sh FOLDER CGROUP...
# Waits for the end of its standard input, which comes in whatever way its starter ends. Then ends every process in the
# cgroups, which are exactly those that were started in the sandbox, and removes the cgroups and the folder. Mounts and
# network devices go with the namespaces.
read -r _ || :
folder=$1
shift
tries=300
while :; do
  # 0 is a process that cannot be named from here.
  pids=$(find "$@" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u | grep -vx 0)
  if [ -n "$pids" ]; then
    kill -KILL $pids 2>/dev/null
  else
    find "$@" -depth -type d -exec rmdir {} + 2>/dev/null
  fi
  left=
  for cgroup; do [ ! -d "$cgroup" ] || left="$left $cgroup"; done
  [ -n "$left" ] || break
  tries=$((tries - 1))
  if [ "$tries" = 0 ]; then
    echo "cgroups that cannot be removed:$left; processes in them: ${pids:-none}" >&2
    exit 1
  fi
  sleep 0.05
done
rm -rf -- "$folder"
