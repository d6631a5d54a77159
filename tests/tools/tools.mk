# SPDX-License-Identifier: MIT
# The command curl-he.
dist_check_SCRIPTS += tests/tools/completion_test.sh
TESTS += tests/tools/completion_test.sh
