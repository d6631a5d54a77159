# SPDX-License-Identifier: MIT
# common.sh - what the tests of the preload module share. Read by sh.
# $top_builddir is set.
build=${top_builddir:-.}
programs=$build/tests/preload
modules=$programs/.libs
module=$build/.libs/libcurl-he-preload.so
files=$(mktemp -d) || exit 1
trap 'rm -rf "$files"' EXIT
export CURL_HE_OPTIONS='* history=off'
count=0

# ok WHAT COMMAND...: what it printed is told where it fails.
ok() {
  count=$((count + 1))
  what=$1
  shift
  if "$@" >"$files/said" 2>&1; then
    echo "ok $count - $what"
  else
    echo "not ok $count - $what"
    sed 's/^/# /' "$files/said"
    [ ! -f "$files/report" ] || sed 's/^/# report: /' "$files/report"
  fi
}

# skip WHAT WHY
skip() {
  count=$((count + 1))
  echo "ok $count - $1 # SKIP $2"
}

# with PROGRAM...: under the module; what it reports is in $files/report. A
# program that hangs ends.
with() {
  : >"$files/report"
  timeout -k 5 60 env "CURL_HE_REPORT=$files/report" \
    "LD_PRELOAD=${preload:-$module}" "$@"
}

# reported KIND: how many lines of it.
reported() {
  grep -c "^$1	" "$files/report"
}

# raced N PROGRAM...: it goes well, and so many connects are raced in their
# lookup, no other is seen.
raced() {
  wanted=$1
  shift
  with "$@" || { echo "exit status $?"; return 1; }
  [ "$(reported raced)" -eq "$wanted" ] &&
    [ "$(grep -c '	in its lookup$' "$files/report")" -eq "$wanted" ] &&
    [ "$(reported alone)" -eq 0 ] && [ "$(reported aside)" -eq 0 ]
}

# untouched PROGRAM...: it goes well, and nothing is raced.
untouched() {
  with "$@" || { echo "exit status $?"; return 1; }
  [ "$(reported raced)" -eq 0 ] && [ "$(reported handle)" -eq 0 ]
}
