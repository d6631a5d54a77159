# SPDX-License-Identifier: MIT
# compat.sh - ./run compat [PREFIX...]: the suite of ./run check on the system's
# libcurl and on the one of each PREFIX, then some scenarios, measured. A row a
# libcurl goes into the table of docs/COMPATIBILITY.md. Rows of other versions
# stay as they were measured. $from is where ./run was called.
. tools/suite.sh
. tools/page.sh

numbers='[0-9]+\.[0-9]+\.[0-9]+'
scenarios="2 6 7 8 9 11 13 14 16"

# at PREFIX: the same, absolute.
at() {
  local path=$1
  case $path in
    /*) ;;
    *) path=$from/$path ;;
  esac
  [ -d "$path" ] || die "compat: no such folder: $1"
  path=$(readlink -f "$path")
  case $path in
    *[!A-Za-z0-9/._+-]*)
      die "compat: ./configure cannot take such a path: $path" ;;
  esac
  say "$path"
}

# defined NAME PATTERN FILE: what a header defines NAME as; nothing, if that
# does not match.
defined() {
  sed -nE "s/^# *define +$1 +\"?($2)\"?( .*)?$/\1/p" "$3" 2>/dev/null |
    head -n 1
}

# version_at PREFIX: which libcurl is installed there, by its three numbers: what
# is built from a checkout says -DEV behind them. Ends ./run where none is that
# curl-he could be built for.
version_at() {
  local headers=$1/include/curl library=$1/lib/libcurl.so version number built
  [ -f "$library" ] || [ -d "$headers" ] ||
    die "compat: no libcurl is installed under $1"
  [ -f "$headers/curl.h" ] && [ -f "$headers/curlver.h" ] ||
    die "compat: libcurl's headers are not in $headers"
  [ -f "$library" ] || die "compat: no shared libcurl: $library"
  version=$(defined LIBCURL_VERSION "$numbers[0-9A-Za-z.-]*" \
    "$headers/curlver.h" | grep -oE "^$numbers")
  number=$(defined LIBCURL_VERSION_NUM '0x[0-9a-fA-F]{6}' "$headers/curlver.h")
  [ -n "$version" ] && [ -n "$number" ] ||
    die "compat: no version in $headers/curlver.h"
  [ $((number)) -ge $(($(defined CURL_HE_LIBCURL_MIN '0x[0-9a-f]{6}' \
    include/curl_he/curl_he.h))) ] ||
    die "compat: libcurl $version under $1 is too old: 7.75.0 is the oldest"
  built=$(grep -aoE "libcurl/$numbers" "$library" | head -n 1)
  built=${built#libcurl/}
  [ "${built:-$version}" = "$version" ] ||
    die "compat: under $1 the headers are of $version, the library of $built"
  say "$version"
}

# Programs of the system, with the system's libcurl, started by the command
# curl-he. Where that is not installed libtool lets it find the PREFIX's libcurl,
# which those then find, too.
programs="tests/preload/check_test.lab tests/preload/remember_test.lab
tests/preload/resolver_test.lab tests/tools/lab_command-lab.sh"

# suite: runs what ./run check runs; sets passed, failed and skipped.
suite() {
  local plain builds labs tests
  tests=$(listed_quick)
  [ "$tree" = build ] || tests=$(say "$tests" | grep -vxF "$programs")
  # shellcheck disable=SC2086
  choose $tests
  forget "${plain[@]}" "${labs[@]}"
  HE_QUICK=1 run_all
  result "${plain[@]}" "${labs[@]}"
}

# timings: as page_timings.
timings() {
  # shellcheck disable=SC2086
  "$tree/tests/lab/lab" -- "$tree/bench/bench" --quick --json \
    "$tree/bench/connect" $scenarios >"$tree/log/bench" || return 1
  page_timings <"$tree/log/bench"
}

# try VERSION TREE CONFIGURE-ARGUMENT...: false where something failed.
try() {
  local version=$1 tree=$2 passed failed skipped
  shift 2
  say "libcurl $version, in $tree/"
  build "$tree" --enable-werror "$@" &&
    quiet "$tree/log/make" make -C "$tree" -j"$jobs" bench ||
    { say "$version: not built"; return 1; }
  suite
  if timings >"$TMPDIR/timings"; then
    page_write "$version" "$TMPDIR/timings" "$passed" "$failed" "$skipped"
  else
    say "$version: the scenarios could not be measured; $page stays"
    failed=$((failed + 1))
  fi
  say "$version: $passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

# An earlier variable of the user's would have other libcurls loaded.
unset LD_LIBRARY_PATH LD_PRELOAD

compat() {
  local word path version system status=0 i versions=() prefixes=()
  for word in "$@"; do
    case $word in
      '') die "compat: a PREFIX cannot be empty" ;;
      -*) die "compat: no such option: $word" ;;
    esac
    path=$(at "$word")
    version=$(version_at "$path")
    case " ${versions[*]} " in
      *" $version "*) die "compat: two PREFIXes have libcurl $version" ;;
    esac
    versions+=("$version") prefixes+=("$path")
  done
  page_ready || die "compat: $page lacks its two marker lines"
  need_lab compat "$@"
  setup build client loops tests lab check
  system=$(pkg-config --modversion libcurl)
  case " ${versions[*]} " in
    *" $system "*) die "compat: the system's own libcurl is $system, too" ;;
  esac
  try "$system" build || status=1
  for i in "${!versions[@]}"; do
    try "${versions[i]}" "build-libcurl-${versions[i]}" \
      --with-libcurl="${prefixes[i]}" || status=1
  done
  return "$status"
}

compat "$@"
