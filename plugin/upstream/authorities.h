/* SPDX-License-Identifier: MIT */
#ifndef HE_AUTHORITIES_H
#define HE_AUTHORITIES_H
/* authorities.h - the files of certificate authorities, read into memory.
 *
 * A disk may hang for ever. So files are read with no lock held, and without a
 * call of OpenSSL: neither fork() nor exit() nor the racer waits for it. */
#include <stddef.h>

/* Notes what SSL_CERT_FILE and SSL_CERT_DIR say, which another thread may be
   changing later. Once, when the library is set up. */
void he_authorities_environment(void);

/* The certificates of `ca`, as PEM text of *n bytes, the caller's to free(). A
   folder's are those in files that are named as OpenSSL's rehash names them.
   Without a `ca` ("") those of the system, where OpenSSL has them. What cannot
   be read is left out. NULL: none was read. Waits for the disk; no lock may be
   held. Any thread. */
char *he_authorities_read(const char *ca, size_t *n);

#endif
