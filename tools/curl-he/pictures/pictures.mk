# SPDX-License-Identifier: MIT
# curl-he race and curl-he trace. What tests are built from, too, stands apart.
he_story_sources = \
  tools/curl-he/plain.h tools/curl-he/plain.c \
  tools/curl-he/words.h tools/curl-he/words.c \
  tools/curl-he/colour.h tools/curl-he/colour.c \
  tools/curl-he/json_write.h tools/curl-he/json_write.c \
  tools/curl-he/pictures/story.h tools/curl-he/pictures/story.c \
  tools/curl-he/pictures/story_step.c \
  tools/curl-he/pictures/spread.h tools/curl-he/pictures/spread.c \
  tools/curl-he/pictures/saved.h tools/curl-he/pictures/saved.c \
  tools/curl-he/pictures/summary.h tools/curl-he/pictures/summary.c \
  tools/curl-he/pictures/gallery.h tools/curl-he/pictures/gallery.c \
  tools/curl-he/pictures/line.h tools/curl-he/pictures/line.c \
  tools/curl-he/pictures/reading.h tools/curl-he/pictures/reading.c \
  tools/curl-he/pictures/sentences.h tools/curl-he/pictures/sentences.c \
  tools/curl-he/pictures/draw.h tools/curl-he/pictures/axis.c \
  tools/curl-he/pictures/text.h tools/curl-he/pictures/text_story.c \
  tools/curl-he/pictures/draw_text.c tools/curl-he/pictures/draw_json.c \
  tools/curl-he/pictures/draw_svg.c tools/curl-he/pictures/draw_html.c \
  tools/curl-he/pictures/svg.h tools/curl-he/pictures/svg.c \
  tools/curl-he/pictures/svg_story.c tools/curl-he/pictures/svg_panels.c \
  tools/curl-he/pictures/perfetto.h tools/curl-he/pictures/perfetto.c
he_picture_sources = $(he_story_sources) \
  tools/curl-he/pictures/outfile.h tools/curl-he/pictures/outfile.c \
  tools/curl-he/pictures/pictures.h tools/curl-he/pictures/pictures.c \
  tools/curl-he/pictures/racing.h tools/curl-he/pictures/racing.c \
  tools/curl-he/pictures/alone.c tools/curl-he/pictures/race.c \
  tools/curl-he/pictures/trace.c
