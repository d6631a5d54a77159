/* SPDX-License-Identifier: MIT */
#ifndef HE_PICTURES_H
#define HE_PICTURES_H
/* pictures.h - the flags of race and trace that say where a report goes. */
#include "../command.h"
#include "draw.h"

#define HE_PICTURE_FLAGS \
  { "svg", 0, "FILE", "draw the races into an SVG file; - is stdout" }, \
  { "html", 0, "FILE", "write a page with the pictures and all numbers; - " \
    "is stdout" }, \
  { "json", 'j', NULL, "print JSON" }

struct he_pictures {
  const char *svg;              /* paths, or NULL */
  const char *html;
  bool json;
  bool quiet;                   /* stdout is another's */
};

/* Takes a flag of HE_PICTURE_FLAGS. False: it is none of them. */
bool he_pictures_set(struct he_pictures *p, const char *flag,
                     const char *argument);

/* Only one file can be stdout ("-"). False: more are, with `other` (NULL:
   none), which was said. */
bool he_pictures_fit(const struct he_pictures *p, const char *command,
                     const char *other);

/* Writes the files, and to stdout the text or JSON, unless that is a file's.
   False: something failed, which was said. */
bool he_pictures_write(const struct he_pictures *p, const struct he_report *r);

#endif
