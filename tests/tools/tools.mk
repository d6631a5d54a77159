# SPDX-License-Identifier: MIT
# The command curl-he.
EXTRA_DIST += tests/tools/tap.sh
include tests/tools/pictures.mk
