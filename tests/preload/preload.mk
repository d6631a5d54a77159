# SPDX-License-Identifier: MIT
# The preload module, under programs as Debian has them.
LAB_TESTS += tests/preload/lookup_clients_test.lab
EXTRA_DIST += tests/preload/lookup_clients_test.lab
