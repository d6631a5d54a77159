# SPDX-License-Identifier: MIT
# tap.sh - what the tests of curl-he share. TAP. Read by sh. $top_builddir is
# set.
curl_he=${top_builddir:-.}/curl-he
files=$(mktemp -d) || exit 99
trap 'rm -rf "$files"' EXIT
[ -x "$curl_he" ] || { echo "1..0 # SKIP built without curl-he"; exit 0; }
count=0

# ok NAME COMMAND...: what the last run printed is shown where it fails.
ok() {
  what=$1
  shift
  count=$((count + 1))
  if "$@" >/dev/null 2>&1; then
    echo "ok $count - $what"
  else
    echo "not ok $count - $what"
    head -n 40 "$files/out" "$files/err" | sed 's/^/# /'
  fi
}

# he WORD...: runs curl-he; leaves its output in out and err, and status.
he() {
  "$curl_he" "$@" >"$files/out" 2>"$files/err"
  status=$?
}

# says WORD..., and errs: is this said, however its lines are broken?
says() { tr -s ' \n' ' ' <"$files/out" | grep -qF -e "$*"; }
silent() { ! says "$@"; }
errs() { grep -qF -e "$*" "$files/err"; }
is() { [ "$status" = "$1" ]; }
both() { is "$1" && shift && says "$@"; }

# json EXPRESSION: is that true of j, what was printed as JSON?
json() {
  /usr/bin/python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$files/out" "$1"
}
