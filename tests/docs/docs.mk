# SPDX-License-Identifier: MIT
# The manual against the header, the table of options, groff and the compiler.
dist_check_SCRIPTS += tests/docs/docs_test.sh
TESTS += tests/docs/docs_test.sh
