# SPDX-License-Identifier: MIT
# checksrc.sh - what a reader of the source may rely on. TAP. Run by make check:
# $top_srcdir is set.
cd "$top_srcdir" || exit 1
. "$top_srcdir/tests/build/none.sh"

c=$(find plugin include preload tools examples tests bench \
  -name '*.[ch]' 2>/dev/null)
sh=$(find run tools tests -type f \( -name '*.sh' -o -name run -o \
  -name lab-run -o -name plain-run \) 2>/dev/null)

# shellcheck disable=SC2046,SC2086
{
none "80 columns at most" < <(awk 'length > 80 { print FILENAME ":" FNR }' $c)
none "no tabs" < <(grep -nP '\t' $c)
none "no blanks at an end" < <(grep -nE ' +$' $c $sh)
none "if(, as in curl" < <(grep -nE '\b(if|for|while|switch) \(' $c)
none "each file has a licence" < <(grep -L 'SPDX-License-Identifier: MIT' $c $sh)
none "nothing is left to do" < <(grep -nE 'TODO|FIXME|XXX( |:)' $c)
none "no other file knows versions of libcurl than curl/quirks.c" < <(
  grep -nE '0x0[78][0-9a-f]{4}\b' $(find plugin -name '*.[ch]') |
    grep -v '^plugin/curl/quirks\.c:')
}
echo "1..$n"
