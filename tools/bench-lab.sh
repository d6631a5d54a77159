#!/bin/sh
# SPDX-License-Identifier: MIT
# bench-lab.sh JSON ARGUMENT... - the part of ./run bench inside the
# laboratory. JSON is not empty where only the numbers are wanted.
set -eu
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
json=$1
shift
options=
while [ $# -gt 0 ]; do
  case $1 in
    --*) options="$options $1" ;;
    *) break ;;
  esac
  shift
done
# shellcheck disable=SC2086
build/bench/bench $options build/bench/connect "$@"
[ -z "$json" ] || exit 0
echo
build/bench/cost http://s1.lab.test/
echo
build/bench/loop http://s1.lab.test/ http://s8.lab.test/
