/* SPDX-License-Identifier: MIT */
#ifndef HE_PIECES_H
#define HE_PIECES_H
/* pieces.h - parts of a resolver's text. Hostile. Pure. */
#include "base/addr.h"

/* A part of the text: no NUL stands at its end. */
struct he_piece {
  const char *from;
  size_t len;
};

static inline struct he_piece he_piece(const char *from, const char *end)
{
  return (struct he_piece){ from, (size_t)(end - from) };
}

bool he_piece_is(struct he_piece p, const char *text);
bool he_piece_begins(struct he_piece p, const char *with);

/* What stands before the next `sign`, which is cut off *rest, too. False where
   *rest is at its end: rest->from is NULL then. An empty text has one piece. */
bool he_piece_next(struct he_piece *rest, char sign, struct he_piece *out);

/* What is wrong, and where. */
struct he_wrong {
  const char *why;            /* static */
  const char *at;             /* in the text */
};

/* Each of these is false where it is wrong, and says so in *w. */

/* "v4", "v4:port", "v6", "[v6]" or "[v6]:port"; `port` where none is there. */
bool he_piece_server(struct he_piece p, uint16_t port, struct he_addr *out,
                     struct he_wrong *w);
/* "v4" or "v6", no scope. */
bool he_piece_address(struct he_piece p, struct he_addr *out,
                      struct he_wrong *w);
bool he_piece_port(struct he_piece p, uint16_t *out, struct he_wrong *w);
/* A host's name, or an address: letters, digits and ".-_:", with NUL. */
bool he_piece_name(struct he_piece p, char *out, size_t size,
                   struct he_wrong *w);
/* Percent-decoded, with NUL; no NUL within, nor a control character. */
bool he_piece_decode(struct he_piece p, char *out, size_t size,
                     struct he_wrong *w);

/* "sha256//" and 32 bytes in Base64 (RFC 4648 section 4, padded), as libcurl
   has it for CURLOPT_PINNEDPUBLICKEY. */
bool he_piece_sha256(struct he_piece p, unsigned char out[32]);

#endif
