# SPDX-License-Identifier: MIT
# run_test.sh - the command line of ./run: what it refuses, in which words, and
# that it does so before it installs or builds. TAP. Run by make check:
# $top_srcdir and $top_builddir are set.
set -u
# What make was told has no part in what ./run does.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL TESTS
run=$top_srcdir/run
n=0

# is NAME WANTED GOT
is() {
  n=$((n + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    printf '%s\n' "wanted:" "$2" "got:" "$3" | sed 's/^/# /'
  fi
}

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
               "check [--full] PATTERN..." bench build help; do
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
is "too much for build" "run: build: nothing may follow
1" "$(refused build all)"

# -- where the laboratory cannot run --

# An unshare of ours, for a user who may make no namespaces.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
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
