# SPDX-License-Identifier: MIT
# fuzz.sh - the targets of tests/fuzz as fuzzers, in build-fuzz/. Read by bash:
# by ./run fuzz [NAME] [SECONDS], and by tests/build/fuzz.sh for its functions.

# fuzz_build: clang's libFuzzer, ASan and UBSan.
fuzz_build() {
  prepare build-fuzz CC=clang --enable-werror --disable-shared --enable-fuzzer \
    --enable-sanitizer=address,undefined 'CFLAGS=-g -O1' || return 1
  quiet build-fuzz/log/make make -C build-fuzz -j"$jobs" fuzz-programs
}

# fuzz_names: the targets that build-fuzz/ has.
fuzz_names() {
  make -s --no-print-directory -C build-fuzz list-fuzz |
    sed 's|.*/||; s|_fuzz$||'
}

# fuzz_one NAME SECONDS: looks for inputs that break the target. The inputs that
# reached something new are kept in build-fuzz/corpus/NAME, for the next time;
# one that broke it is in build-fuzz/found.
fuzz_one() {
  local own=build-fuzz/corpus/$1
  mkdir -p "$own" build-fuzz/found
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    "build-fuzz/tests/fuzz/$1_fuzz" -max_total_time="$2" -timeout=10 \
    -print_final_stats=1 -artifact_prefix="build-fuzz/found/$1-" \
    "$own" "tests/fuzz/corpus/$1"
}

# fuzz [NAME] [SECONDS]
fuzz() {
  local word name= seconds= names
  for word in "$@"; do
    case $word in
      ''|-*) die "fuzz: no such option: $word" ;;
      *[!0-9]*) [ -z "$name$seconds" ] || die "fuzz: one NAME, then SECONDS"
                name=$word ;;
      *) [ -z "$seconds" ] || die "fuzz: one number of SECONDS"
         seconds=$word ;;
    esac
  done
  [ -z "$name" ] || [ -f "tests/fuzz/${name}_fuzz.c" ] ||
    die "fuzz: no such target: $name: there is $(cd tests/fuzz &&
      for name in *_fuzz.c; do printf '%s ' "${name%_fuzz.c}"; done)"
  setup build client loops tests full
  fuzz_build
  names=${name:-$(fuzz_names)}
  for name in $names; do
    say "fuzzing $name for ${seconds:-60} s"
    fuzz_one "$name" "${seconds:-60}"
  done
}
