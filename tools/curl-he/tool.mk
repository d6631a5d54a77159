# SPDX-License-Identifier: MIT
# curl-he, the command. It needs jansson, for what it reads and writes as JSON.
include tools/curl-he/pictures/pictures.mk
if HAVE_JANSSON
bin_PROGRAMS += curl-he
endif
# Of the doctor what knows no socket, file or clock: a unit test has it, too.
doctor_judges = \
  tools/curl-he/doctor/facts.h \
  tools/curl-he/doctor/texts.h tools/curl-he/doctor/texts.c \
  tools/curl-he/doctor/symptoms.h tools/curl-he/doctor/symptoms.c \
  tools/curl-he/doctor/judge.h tools/curl-he/doctor/judge.c \
  tools/curl-he/doctor/judge_machine.c \
  tools/curl-he/doctor/judge_libcurls.c \
  tools/curl-he/doctor/judge_lookup.c \
  tools/curl-he/doctor/judge_connects.c
curl_he_SOURCES = \
  tools/curl-he/command.h tools/curl-he/command.c \
  tools/curl-he/program.h tools/curl-he/program.c \
  tools/curl-he/number.h tools/curl-he/number.c \
  tools/curl-he/resolver.h tools/curl-he/resolver.c \
  tools/curl-he/target.h tools/curl-he/target.c \
  tools/curl-he/values.h tools/curl-he/values.c \
  tools/curl-he/report.h tools/curl-he/report.c \
  tools/curl-he/watched.h tools/curl-he/watched.c \
  tools/curl-he/module.c \
  tools/curl-he/run.c \
  tools/curl-he/completion.h tools/curl-he/completion.c \
  tools/curl-he/complete_bash.c \
  tools/curl-he/complete_zsh.c \
  tools/curl-he/complete_fish.c \
  tools/curl-he/manual.c \
  tools/curl-he/remembered.h tools/curl-he/remembered.c \
  tools/curl-he/history.c \
  tools/curl-he/stats.h tools/curl-he/stats.c \
  tools/curl-he/stats_print.c tools/curl-he/stats_json.c \
  tools/curl-he/history_print.c tools/curl-he/history_json.c \
  $(he_picture_sources) \
  tools/curl-he/lab/lab.h tools/curl-he/lab/lab.c \
  tools/curl-he/lab/outside.h tools/curl-he/lab/outside.c \
  tools/curl-he/lab/inside.h tools/curl-he/lab/inside.c \
  tools/curl-he/lab/client.h tools/curl-he/lab/client.c \
  tools/curl-he/lab/keeper.h tools/curl-he/lab/keeper.c \
  tools/curl-he/lab/place.h tools/curl-he/lab/place.c \
  tools/curl-he/lab/seen.h tools/curl-he/lab/seen.c \
  tools/curl-he/lab/facts.h tools/curl-he/lab/facts.c \
  tools/curl-he/lab/table.h tools/curl-he/lab/table.c \
  tools/curl-he/lab/kind.c \
  tools/curl-he/lab/summary.h tools/curl-he/lab/summary.c \
  tools/curl-he/lab/json.h tools/curl-he/lab/json.c \
  tools/curl-he/lab/expect.h tools/curl-he/lab/expect.c \
  $(doctor_judges) \
  tools/curl-he/doctor/gather.h tools/curl-he/doctor/gather.c \
  tools/curl-he/doctor/gather_machine.c \
  tools/curl-he/doctor/gather_sockets.c \
  tools/curl-he/doctor/gather_libcurls.c \
  tools/curl-he/doctor/gather_name.c \
  tools/curl-he/doctor/gather_lookup.c \
  tools/curl-he/doctor/gather_connects.c \
  tools/curl-he/doctor/gather_shakes.c \
  tools/curl-he/doctor/gather_race.c \
  tools/curl-he/doctor/tell.h \
  tools/curl-he/doctor/tell_text.c tools/curl-he/doctor/tell_json.c \
  tools/curl-he/doctor/doctor.c \
  tools/curl-he/main.c
curl_he_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lab \
  -DHE_LIBDIR='"$(libdir)"' \
  -DHE_PKGLIBEXECDIR='"$(pkglibexecdir)"'
curl_he_CFLAGS = $(HE_CFLAGS) $(JANSSON_CFLAGS)
curl_he_LDADD = tests/lab/liblabctl.la libcurl-he.la $(CURL_LIBS) \
  $(JANSSON_LIBS)

include tools/curl-he/made.mk
