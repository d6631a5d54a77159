# SPDX-License-Identifier: MIT
# run_test.sh - the command line of ./run: what it refuses, in which words, and
# that it does so before it installs or builds. TAP. Run by make check:
# $top_srcdir and $top_builddir are set.
set -u
# What make was told has no part in what ./run does.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL TESTS
run=$top_srcdir/run
. "$top_srcdir/tests/is.sh"

# refused ARGUMENT...: what ./run says at last, and its exit code.
refused() {
  local said status=0
  said=$(bash "$run" "$@" 2>&1 </dev/null) || status=$?
  printf '%s\n' "$said" | tail -n 1
  echo "$status"
}

help=$(bash "$run" help)
is "help ends well" 0 $?
is "without a command there is help" "$help" "$(bash "$run")"
for command in demo "demo [--live]" check "check --full" \
               "check [--full] PATTERN..." bench "compat PREFIX..." build \
               "fuzz [NAME] [SECONDS]" help; do
  is "help has: $command" yes \
    "$(printf '%s\n' "$help" | grep -qF "./run $command" && echo yes)"
done
is "help has no line of more than 79 columns" "" \
  "$(printf '%s\n' "$help" | grep -E '^.{80}')"
is "an unknown command is named" "run: no such command: chekc
1" "$(refused chekc)"
is "and help is shown" "$help" \
  "$(bash "$run" chekc 2>&1 | grep -v '^run: ')"
is "an unknown option of check" "run: check: no such option: --ful
1" "$(refused check --ful)"
is "an empty pattern" "run: check: a pattern cannot be empty
1" "$(refused check '')"
is "an unknown option of bench" "run: bench: no such option: --fast
1" "$(refused bench --fast)"
is "what is not a scenario" "run: bench: not a scenario's number: s6
1" "$(refused bench s6)"
is "what does not go together" "run: bench: --store stands alone
1" "$(refused bench --store 6)"
is "too much for demo" "run: demo: --live is all that may follow
1" "$(refused demo --live now)"
is "an unknown option of fuzz" "run: fuzz: no such option: --long
1" "$(refused fuzz --long)"
is "an unknown target of fuzz" yes \
  "$(refused fuzz nosuch | grep -q '^run: fuzz: no such target: nosuch: ' &&
    echo yes)"
is "two targets for fuzz" "run: fuzz: one NAME, then SECONDS
1" "$(refused fuzz answer answer)"
is "too much for build" "run: build: nothing may follow
1" "$(refused build all)"

# -- ./run compat: what is not a libcurl that curl-he can be built for --

dir=$(readlink -f "$(mktemp -d)") || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/empty" "$dir/a b" "$dir/bare" "$dir/bare/lib" "$dir/half" \
  "$dir/half/include" "$dir/half/include/curl"
: >"$dir/bare/lib/libcurl.so"
: >"$dir/half/include/curl/curl.h"
: >"$dir/half/include/curl/curlver.h"

# libcurl NAME VERSION NUMBER: a folder with headers of that version.
libcurl() {
  cp -r "$dir/half" "$dir/$1"
  cp -r "$dir/bare/lib" "$dir/$1"
  printf '#define LIBCURL_VERSION "%s"\n#define LIBCURL_VERSION_NUM %s\n' \
    "$2" "$3" >"$dir/$1/include/curl/curlver.h"
}
libcurl old 7.74.0-DEV 0x074a00
libcurl new 8.5.0-DEV 0x080500
libcurl same 8.5.0 0x080500
libcurl mixed 8.5.0 0x080500
echo "libcurl/8.14.1" >"$dir/mixed/lib/libcurl.so"
libcurl none 8.5.0 8.5.0
libcurl evil '1.2.3";$(id)' '0x080500'

printf '%s\n' '#!/bin/sh' 'echo "ok 1 - a"' 'echo "not ok 2 # SKIP b"' \
  'echo "not ok 3 - c"' 'sleep 60 &' 'exit 1' >"$dir/skips"
chmod +x "$dir/skips"
is "a skipped test has not failed, and nobody waits for a child of the test" \
  "ok 1 - a
ok 2 # SKIP b
not ok 3 - c
1" "$(sh "$top_srcdir/tests/plain-run" "$dir/skips"; echo $?)"

is "compat has no options" "run: compat: no such option: --quick
1" "$(refused compat --quick)"
is "an empty prefix" "run: compat: a PREFIX cannot be empty
1" "$(refused compat '')"
is "a prefix that is not there" "run: compat: no such folder: $dir/nowhere
1" "$(refused compat "$dir/nowhere")"
is "a prefix that make cannot take" \
  "run: compat: ./configure cannot take such a path: $dir/a b
1" "$(refused compat "$dir/a b")"
is "a prefix without a libcurl" \
  "run: compat: no libcurl is installed under $dir/empty
1" "$(refused compat "$dir/empty")"
is "a prefix is meant from where the user is" \
  "run: compat: no libcurl is installed under $dir/empty
1" "$(run=$(readlink -f "$run") && cd "$dir" && refused compat empty)"
is "a libcurl without headers" \
  "run: compat: libcurl's headers are not in $dir/bare/include/curl
1" "$(refused compat "$dir/bare")"
is "headers without a libcurl" \
  "run: compat: no shared libcurl: $dir/half/lib/libcurl.so
1" "$(refused compat "$dir/half")"
for word in none evil; do
  is "headers without a version: $word" \
    "run: compat: no version in $dir/$word/include/curl/curlver.h
1" "$(refused compat "$dir/$word")"
done
is "a libcurl that is too old" \
  "run: compat: libcurl 7.74.0 under $dir/old is too old: 7.75.0 is the oldest
1" "$(refused compat "$dir/old")"
is "the headers of one libcurl with another" \
  "run: compat: under $dir/mixed the headers are of 8.5.0, the library of 8.14.1
1" "$(refused compat "$dir/mixed")"
is "two of a version" "run: compat: two PREFIXes have libcurl 8.5.0
1" "$(refused compat "$dir/new" "$dir/same")"

# -- the table that ./run compat writes --

. "$top_srcdir/tools/common.sh"
. "$top_srcdir/tools/page.sh"
page=$dir/page
is "the page has its marker lines" yes \
  "$(page=$top_srcdir/docs/COMPATIBILITY.md && page_ready && echo yes)"
printf '%s\n' before "$page_end" "$page_begin" after >"$page"
is "marker lines in the wrong order" no "$(page_ready || echo no)"
printf '%s\n' "| 1.0.0 | is no row |" "$page_begin" old "$page_end" after \
  >"$page"
is "marker lines" yes "$(page_ready && echo yes)"
# measured SCENARIO BEST MODE MS FAILED: a line of bench --json.
measured() {
  printf '{"scenario":%d,"title":"a b, c","mode":"%s","best_cold_ms":%d,' \
    "$1" "$3" "$2"
  printf '"median_ms":%s,"failed":%d,"runs":[{"ms":1.0,"code":0}]}\n' "$4" "$5"
}
{
  measured 2 90 curl 241.4 0
  measured 2 90 easy 92.5 0
  measured 2 90 epoll 99.9 0
  measured 7 340 curl 40001.0 1
  measured 7 340 easy 343.0 0
} | page_timings >"$dir/timings"
is "what was measured" "2 90 93 241
7 340 343 –" "$(cat "$dir/timings")"
for row in "8.14.1 10 1 0" "7.88.1 11 0 2" "8.5.0 1 2 3" "8.14.1 12 0 1"; do
  # shellcheck disable=SC2086
  set -- $row
  page_write "$1" "$dir/timings" "$2" "$3" "$4"
done
is "a row a version, the last one, in order" "| 1.0.0 | is no row |
$page_begin
| libcurl | measured | passed | failed | skipped | 2 (90) | 7 (340) |
|---|---|---|---|---|---|---|
| 7.88.1 | DAY | 11 | 0 | 2 | 93 (241) | 343 (–) |
| 8.5.0 | DAY | 1 | 2 | 3 | 93 (241) | 343 (–) |
| 8.14.1 | DAY | 12 | 0 | 1 | 93 (241) | 343 (–) |
$page_end
after" "$(sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DAY/' "$page")"
echo "2 95 93 241" >"$dir/timings"
page_write 8.5.0 "$dir/timings" 4 0 0
is "other columns, and none of the old rows" \
  "| libcurl | measured | passed | failed | skipped | 2 (95) |
|---|---|---|---|---|---|
| 8.5.0 | DAY | 4 | 0 | 0 | 93 (241) |" \
  "$(sed -En 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DAY/;/^\|/{/no row/!p}' "$page")"

# -- where the laboratory cannot run --

# An unshare of ours, for a user who may make no namespaces.
mkdir "$dir/limited" "$dir/installs" "$dir/builds" || exit 1
cat >"$dir/limited/unshare" <<'END'
#!/bin/sh
echo "unshare: unshare failed: Operation not permitted" >&2
exit 1
END
# Whoever would install or build says so, and does not.
for program in installs/apt-get installs/sudo builds/make builds/autoreconf; do
  printf '#!/bin/sh\necho "%s was called"\nexit 1\n' $program \
    >"$dir/$program"
done
chmod 755 "$dir"/*/*

# limited COMMAND...: what such a user is told, and the exit code.
limited() {
  local status=0
  PATH=$dir/limited:$PATH bash "$run" "$@" 2>&1 </dev/null || status=$?
  echo "$status"
}

# advice COMMAND...
advice() {
  if [ "$(id -u)" -eq 0 ]; then
    echo "a container needs a device and rights for it, as by" \
      "docker run --privileged"
  else
    echo "as root it may: sudo ./run $*"
  fi
}

PATH=$dir/installs:$PATH
cannot="the laboratory cannot run here: no new namespaces: Operation not"
cannot="$cannot permitted"
is "demo says so at once, and what to do" "run: $cannot
run: nothing was installed or built
run: $(advice demo)
run: against real hosts, without a laboratory: ./run demo --live
1" "$(PATH=$dir/builds:$PATH limited demo)"
is "bench says so at once" "run: $cannot
run: nothing was installed or built
run: $(advice bench --share)
1" "$(PATH=$dir/builds:$PATH limited bench --share)"
is "and so does compat" "run: $cannot
run: nothing was installed or built
run: $(advice compat "$dir/new")
1" "$(PATH=$dir/builds:$PATH limited compat "$dir/new")"

# A pattern is looked for among the tests that build/ has.
if [ "$top_builddir" -ef "$top_srcdir/build" ]; then
  # Where make runs this test, the log grows meanwhile.
  log=$(head -n 1 "$top_builddir/log/check" 2>&1)
  is "a pattern without a test" \
    "run: check: no test has a name with nosuch or n[o]ne in it
1" "$(refused check nosuch 'n[o]ne')"
  is "check says first that the laboratory cannot run, and goes on" "$cannot
its tests will be skipped
$(advice check --full nosuch)
run: check: no test has a name with nosuch in it
1" "$(limited check --full nosuch)"
  is "and the log of the last check is still there" "$log" \
    "$(head -n 1 "$top_builddir/log/check" 2>&1)"
fi
echo "1..$n"
