# SPDX-License-Identifier: MIT
# The command curl-he.
EXTRA_DIST += tests/tools/tap.sh
dist_check_SCRIPTS += tests/tools/completion_test.sh
TESTS += tests/tools/completion_test.sh
LAB_TESTS += tests/tools/history_test.lab
EXTRA_DIST += tests/tools/history_test.lab
include tests/tools/pictures.mk
