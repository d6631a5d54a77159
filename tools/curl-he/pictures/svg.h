/* SPDX-License-Identifier: MIT */
#ifndef HE_SVG_H
#define HE_SVG_H
/* svg.h - the pieces that an SVG picture is put together from.
 *
 * A picture has no size of its own across: places along the time axis are in
 * percent, letters and heights in pixels. So it can be read at 400 pixels as
 * well as at 2000, and nothing is ever made smaller. What a line has room for
 * is reckoned for HE_SVG_NARROW pixels; long text has another form for windows
 * of 720 and more. Colours are classes of one style sheet, which knows light
 * and dark. */
#include "draw.h"

#define HE_SVG_NARROW 372       /* of 400, between the edges */
#define HE_SVG_WIDE 670         /* of 720 */

struct svg {
  FILE *out;
  double y;                     /* where the next thing goes */
};

/* The style sheet, to stand between <style> and </style>. */
extern const char he_svg_style[];

/* The pixels that text takes, rather more than less. */
double he_svg_wide(const char *plain, double pixels_a_column);

/* Text at (x, y), x with its unit: "0", "50%". anchor: start, middle, end. */
void he_svg_text(struct svg *s, const char *class, const char *anchor,
                 const char *x, double y, const char *plain);

/* Text over as many lines as it takes. */
void he_svg_lines(struct svg *s, const char *class, double pixels_a_column,
                  double line, const char *plain);

/* The lines and words of a time axis: over `height` pixels up from y. */
void he_svg_axis(struct svg *s, const struct he_axis *a, double height);

/* A sign of its own at a bar's end: "won", "failed", "open", "ended". */
void he_svg_sign(struct svg *s, const char *which, double percent, double y);

void he_svg_story(struct svg *s, const struct he_story *story,
                  const char *whose, const char *error);
void he_svg_compare(struct svg *s, const struct he_report *r);
void he_svg_spread(struct svg *s, const struct he_report *r);
void he_svg_summary(struct svg *s, const struct he_summary *m);
void he_svg_legend(struct svg *s);

#endif
