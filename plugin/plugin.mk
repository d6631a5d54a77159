# The rooms, bottom to top. The pure ones are a library of their own, so that
# the build proves that they link without sockets, clocks and threads.
noinst_LTLIBRARIES += libhe-pure.la
libhe_pure_la_SOURCES = \
  plugin/base/base.h plugin/base/clock.h plugin/base/hash.h \
  plugin/base/addr.h plugin/base/addr.c \
  plugin/core/policy.h plugin/core/policy.c \
  plugin/core/order.h plugin/core/order.c \
  plugin/core/untried.h plugin/core/untried.c \
  plugin/core/attempts.h plugin/core/attempts.c \
  plugin/core/race.h plugin/core/race.c \
  plugin/policy/options.h plugin/policy/options.c \
  plugin/policy/profiles.h plugin/policy/profiles.c \
  plugin/policy/pace.h plugin/policy/pace.c \
  plugin/policy/pattern.h plugin/policy/pattern.c \
  plugin/policy/rules.h plugin/policy/rules.c \
  plugin/policy/line.h plugin/policy/line.c \
  plugin/policy/history.h plugin/policy/history.c \
  plugin/policy/memory.h plugin/policy/memory.c \
  plugin/policy/estimate.h plugin/policy/estimate.c \
  plugin/policy/track.h plugin/policy/track.c \
  plugin/policy/network.c \
  plugin/policy/advice.c plugin/policy/probe.c \
  plugin/policy/text.h plugin/policy/text.c \
  plugin/policy/fields.h plugin/policy/fields.c \
  plugin/policy/record.h plugin/policy/record.c plugin/policy/absorb.c
libhe_pure_la_CFLAGS = $(HE_CFLAGS) -fPIC -fvisibility=hidden

lib_LTLIBRARIES = libcurl-he.la
libcurl_he_la_SOURCES = \
  plugin/base/forks.h plugin/base/forks.c \
  plugin/resolve/threads.h plugin/resolve/threads.c \
  plugin/resolve/gai.h plugin/resolve/gai.c \
  plugin/resolve/sources.h plugin/resolve/sources.c \
  plugin/resolve/textfile.h plugin/resolve/textfile.c \
  plugin/resolve/hosts.h plugin/resolve/hosts.c \
  plugin/resolve/kept.h plugin/resolve/kept.c \
  plugin/resolve/nss.h plugin/resolve/nss.c \
  plugin/resolve/system.h plugin/resolve/system.c \
  plugin/resolve/dns.h plugin/resolve/dns.c \
  plugin/resolve/question.h plugin/resolve/question.c \
  plugin/resolve/resolver.h plugin/resolve/shared.c \
  plugin/historian/lines.h plugin/historian/lines.c \
  plugin/historian/fold.h plugin/historian/fold.c \
  plugin/historian/file.h plugin/historian/file.c \
  plugin/historian/log.h plugin/historian/log.c \
  plugin/historian/scribe.h plugin/historian/scribe.c \
  plugin/engine/fds.h plugin/engine/fds.c \
  plugin/engine/wire.h plugin/engine/wire.c \
  plugin/engine/poller.h plugin/engine/poller.c \
  plugin/engine/timers.h plugin/engine/timers.c \
  plugin/engine/trace.h plugin/engine/trace.c \
  plugin/engine/answers.h plugin/engine/answers.c \
  plugin/engine/parking.h plugin/engine/parking.c \
  plugin/engine/app.h plugin/engine/job_app.c \
  plugin/engine/recall.h plugin/engine/recall.c \
  plugin/engine/keeper.h plugin/engine/keeper.c \
  plugin/engine/probes.h plugin/engine/probes.c \
  plugin/engine/whereabouts.h plugin/engine/whereabouts.c \
  plugin/engine/shelf.h plugin/engine/shelf.c \
  plugin/engine/recall_ask.c plugin/engine/job_learn.c \
  plugin/engine/job_tls.c plugin/engine/silence.h plugin/engine/silence.c \
  plugin/engine/netns.h plugin/engine/netns.c \
  plugin/engine/network.h plugin/engine/network.c \
  plugin/engine/network_route.h plugin/engine/network_route.c \
  plugin/engine/job.h plugin/engine/job_mail.h \
  plugin/engine/job_try.h plugin/engine/job_try.c \
  plugin/engine/job_act.c plugin/engine/job_look.c \
  plugin/engine/job_winner.c plugin/engine/job_end.c \
  plugin/engine/owners.h plugin/engine/owners.c \
  plugin/engine/job.c plugin/engine/job_native.c \
  plugin/engine/job_order.c plugin/engine/job_race.c \
  plugin/engine/racer.h plugin/engine/racer.c \
  plugin/engine/words.h plugin/engine/words.c \
  plugin/lookup/lookup.h plugin/lookup/own.h plugin/lookup/lookup.c \
  plugin/lookup/expected.c plugin/lookup/crowd.c \
  plugin/lookup/drive.h plugin/lookup/drive.c \
  plugin/lookup/tries.c plugin/lookup/learned.c plugin/lookup/list.c \
  plugin/lookup/remembered.c plugin/lookup/late.c \
  plugin/lookup/blocking.h plugin/lookup/blocking.c \
  plugin/lookup/getaddrinfo.c \
  plugin/glue/libcurl.h plugin/glue/libcurl.c \
  plugin/glue/declared.h plugin/glue/declared.c \
  plugin/glue/known.h plugin/glue/known.c \
  plugin/glue/interpose.h plugin/glue/interpose.c \
  plugin/glue/context.h plugin/glue/context.c \
  plugin/glue/app.h plugin/glue/app.c \
  plugin/glue/closers.h plugin/glue/closers.c \
  plugin/glue/handle.h plugin/glue/handle.c \
  plugin/glue/quirks.h plugin/glue/quirks.c \
  plugin/glue/peer.h plugin/glue/peer.c \
  plugin/glue/callbacks.h plugin/glue/callbacks.c \
  plugin/glue/hasten.h plugin/glue/hasten.c \
  plugin/glue/timer.h plugin/glue/timer.c \
  plugin/glue/memory.h plugin/glue/memory.c \
  plugin/glue/ahead.h plugin/glue/ahead.c \
  plugin/glue/present.h plugin/glue/present.c \
  plugin/glue/refused.h plugin/glue/refused.c \
  plugin/glue/races.h plugin/glue/races.c \
  plugin/glue/targets.h plugin/glue/targets.c \
  plugin/glue/progress.h plugin/glue/progress.c \
  plugin/glue/config.h plugin/glue/config.c \
  plugin/glue/history.h plugin/glue/history.c \
  plugin/glue/setopt.c plugin/glue/report.h plugin/glue/report.c \
  plugin/glue/perform.c plugin/glue/setup.c plugin/glue/about.c
# -fPIC: libcurl-he.a can go into a shared object of the program's. libtool adds
# -DPIC for the shared library alone: that exports libcurl's names, too.
libcurl_he_la_CFLAGS = $(HE_CFLAGS) -fPIC -fvisibility=hidden -pthread
libcurl_he_la_LIBADD = libhe-pure.la
# No libcurl here, on purpose: two flavours of it exist, and the program's own
# is the right one. nodelete: callbacks in pooled connections and a resolver
# thread may outlive a dlclose().
libcurl_he_la_LDFLAGS = -version-info 0:0:0 -pthread \
  -Wl,--version-script=$(srcdir)/plugin/curl-he.map -Wl,-z,nodelete
EXTRA_libcurl_he_la_DEPENDENCIES = plugin/curl-he.map
