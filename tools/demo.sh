# SPDX-License-Identifier: MIT
# demo.sh - ./run demo [--live]: a real client, he-rest, with libcurl alone
# and with curl-he.
demo() {
  case ${1:-} in
    '') [ $# -eq 0 ] || die "demo: --live is all that may follow" ;;
    --live) ;;
    *) die "demo: --live is all that may follow" ;;
  esac
  build build --enable-werror
  [ -x build/examples/rest/he-rest ] ||
    die "the demo needs examples/rest/he-rest, which jansson was missing for"
  if [ "${1:-}" = --live ]; then
    bash tools/demo-live.sh
  else
    lab bash tools/demo-lab.sh
  fi
}

demo "$@"
