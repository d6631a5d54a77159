# SPDX-License-Identifier: MIT
# timed.sh - a test that hangs shows where, and is ended. Read by the scripts
# that run tests, with $limit set: the seconds that a test has.

# waiting NAME: where each thread of the programs of that name is.
waiting() {
  for exe in /proc/[0-9]*/exe; do
    case $(readlink "$exe") in
    */"$1")
      echo "waiting, ${exe%/exe}:"
      cat "${exe%/exe}"/task/*/wchan 2>/dev/null && echo
      gdb -batch -p "$(basename "${exe%/exe}")" -ex 'thread apply all bt 12' \
        2>&1 ;;
    esac
  done
}

# witness NAME: tells where the test waits just before its time is over.
witness() {
  trap 'kill $pause 2>/dev/null; exit' TERM
  sleep $((limit > 20 ? limit - 10 : limit / 2)) &
  pause=$!
  wait $pause
  waiting "$1"
}

# timed NAME COMMAND...: what the program NAME, which COMMAND runs, returned.
# Its TAP ends with the reason where its time was over.
timed() {
  seen=$(mktemp) && tap=$(mktemp) || exit 99
  witness "$1" >"$seen" 2>&1 </dev/null &
  witness=$!
  trap 'kill "$witness" 2>/dev/null' EXIT
  shift
  "$@" >"$tap" 2>&1
  status=$?
  trap - EXIT
  kill "$witness" 2>/dev/null
  wait "$witness" 2>/dev/null
  # of a test that it skipped cmocka says: not ok
  sed 's/^not ok \([0-9]* # SKIP\)/ok \1/' "$tap"
  [ "$status" -ne 124 ] || sed 's/^/# /' "$seen"
  rm -f "$seen" "$tap"
  [ "$status" -ne 124 ] || echo "Bail out! not done after $limit s"
  return "$status"
}
