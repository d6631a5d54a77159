/* SPDX-License-Identifier: MIT */
#ifndef HE_REHASHED_H
#define HE_REHASHED_H
/* rehashed.h - folders of certificates, as c_rehash(1) makes them. */
#include <dirent.h>

/* For scandir(): eight hexadecimal digits, a dot, a number. */
int he_rehashed(const struct dirent *entry);

#endif
