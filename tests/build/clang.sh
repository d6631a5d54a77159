# SPDX-License-Identifier: MIT
# clang.sh - the other compiler has no complaint about anything.
. "$top_srcdir/tests/build/other.sh"
if command -v clang >/dev/null; then
  other_build build-clang "clang builds everything without a warning" \
    CC=clang --enable-werror CFLAGS=-O0
  echo "1..$n"
else
  echo "1..0 # SKIP no clang here"
fi
