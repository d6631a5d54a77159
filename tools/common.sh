# SPDX-License-Identifier: MIT
# common.sh - what the commands of ./run share. Read by bash, from the top.

say() { printf '%s\n' "$*"; }
die() { printf 'run: %s\n' "$*" >&2; exit 1; }

# end_group SIGNAL: ends what is left of the process group $group.
end_group() {
  kill "-$1" -- "-$group" 2>/dev/null || return 0
  for _ in $(seq 50); do
    kill -0 -- "-$group" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$group" 2>/dev/null || true
}

# quiet LOG COMMAND...: says nothing when all is well; else the last lines of
# what the command said, and where the rest is.
quiet() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 </dev/null && return 0
  {
    tail -n 25 "$log"
    say "run: failed: $*"
    say "run: the whole log: $log"
  } >&2
  return 1
}

jobs=$(nproc 2>/dev/null || echo 2)

# bootstrap: makes ./configure, when there is none or its sources are newer.
# The stamp is written last, so that an interrupted run starts over.
bootstrap() {
  local stamp=build-aux/.bootstrapped
  [ -f "$stamp" ] && [ -f configure ] && [ -f Makefile.in ] &&
    [ -z "$(find . -path './build*' -prune -o \
      \( -name configure.ac -o -name Makefile.am -o -name '*.mk' \) \
      -newer "$stamp" -print -quit)" ] && return 0
  say "making ./configure"
  mkdir -p m4
  quiet build/log/autoreconf autoreconf -i -f || return 1
  touch "$stamp"
}

# optional: the versions of what ./configure looks for. ./run demo configures
# before the packages of ./run check are there.
optional() {
  dpkg-query -W -f '${Package}=${Version} ' libcurl4-openssl-dev \
    libcurl3-gnutls libjansson-dev libcmocka-dev libevent-dev libuv1-dev \
    2>/dev/null || true
}

# configure_in DIR ARGUMENT...: an out-of-tree configuration. It is made again
# when ./configure, the arguments or the packages changed, or when the last one
# was interrupted.
configure_in() {
  local dir=$1 stamp=$1/.configured log=$PWD/$1/log/configure made
  shift
  mkdir -p "$dir"
  made="$* $(optional)"
  [ -f "$stamp" ] && [ ! configure -nt "$stamp" ] &&
    [ "$(cat "$stamp")" = "$made" ] && return 0
  say "configuring $dir"
  rm -f "$stamp"
  (cd "$dir" && quiet "$log" ../configure "$@") || return 1
  say "$made" >"$stamp"
}

# ours DIR: nothing can be written to what another user built.
ours() {
  [ ! -e "$1" ] || [ -w "$1" ] ||
    die "$1/ belongs to another user: remove it (sudo rm -r $1), or sudo ./run"
}

# prepare DIR ARGUMENT...: configures; nothing is built yet.
prepare() {
  ours "$1"
  bootstrap && configure_in "$@"
}

# build DIR ARGUMENT...: configures and builds everything, the tests and the
# laboratory too: make check, without a test to run.
build() {
  local dir=$1
  prepare "$@" || return 1
  quiet "$dir/log/make" make -C "$dir" -j"$jobs" check TESTS=
}

# build_only TARGET...: these, in build/.
build_only() {
  prepare build --enable-werror
  say "building"
  quiet build/log/make make -C build -j"$jobs" "$@"
}

# lab COMMAND...: runs the command inside one laboratory.
lab() {
  local status=0
  build/tests/lab/lab ${encrypted:+--resolvers} -- "$@" || status=$?
  [ "$status" -ne 77 ] ||
    die "the laboratory cannot run here: see the sentence above"
  return "$status"
}
