/* SPDX-License-Identifier: MIT */
#ifndef HE_PRELOAD_LOADER_H
#define HE_PRELOAD_LOADER_H
/* loader.h - the C library's own dlopen() and dlsym(), which the front has
 * names like. Any thread. */

void *he_dlopen(const char *path, int flags);
void *he_dlsym(void *handle, const char *name);

/* What dlsym() is to say in place of what it found: the front's function for
   that libcurl. NULL: what it found. (front.c) */
void *he_front_function(void *handle, const char *name, const void *found);

#endif
