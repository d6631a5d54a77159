#!/bin/sh
# SPDX-License-Identifier: MIT
# memory-lab.sh ARGUMENT... - the part of ./run bench --memory inside the
# laboratory. The files of the histories go with $TMPDIR.
set -eu
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
quick=
for word in "$@"; do
  shift
  case $word in
    --memory) ;;
    --quick) quick=--quick ;;
    *) set -- "$@" "$word" ;;
  esac
done
# shellcheck disable=SC2086
build/bench/memory $quick build/bench/again "$(mktemp -d)" "$@"
