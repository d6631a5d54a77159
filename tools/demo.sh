# SPDX-License-Identifier: MIT
# demo.sh - ./run demo [--live]: a real client, he-rest, with libcurl alone
# and with curl-he.
demo() {
  local live=
  case $# in
    0) ;;
    *) [ $# -eq 1 ] && [ "$1" = --live ] ||
         die "demo: --live is all that may follow"
       live=yes ;;
  esac
  if [ -n "$live" ]; then
    setup build client live
    build_only demo-live
    bash tools/demo-live.sh
  else
    need_lab demo
    setup build client lab
    build_only demo
    lab bash tools/demo-lab.sh
  fi
}

demo "$@"
