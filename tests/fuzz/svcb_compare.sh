# SPDX-License-Identifier: MIT
# svcb_compare.sh - HTTPS records are read as dnspython reads them: those of the
# corpus, and some thousand made by chance from them. TAP. HE_SEED repeats a
# run, HE_ROUNDS makes a longer one.
here=$top_srcdir/tests/fuzz
if /usr/bin/python3 -c 'import dns.rdtypes.svcbbase' 2>/dev/null; then
  exec /usr/bin/python3 "$here/svcb_compare.py" "$top_builddir/tests/fuzz/svcb_show" \
    "$here/corpus/svcb"
fi
echo "1..0 # SKIP no dnspython here"
