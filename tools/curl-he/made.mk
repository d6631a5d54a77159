# SPDX-License-Identifier: MIT
# What curl-he makes of its tables: man pages (with the prose of docs/commands)
# and completions. It alone knows which commands there are: so a folder is made
# and installed. Where the command does not run on this machine, CURL_HE_NATIVE
# names one that does.
EXTRA_DIST += docs/commands
pagesdir = $(mandir)/man1
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
fishcompdir = $(datadir)/fish/vendor_completions.d
if HAVE_JANSSON
if MAKE_MADE
made = tools/curl-he/made
noinst_DATA = $(made)/stamp

$(made)/stamp: curl-he$(EXEEXT) @COMMANDS_PROSE@
	$(AM_V_GEN)rm -rf $(made) && $(MKDIR_P) $(made)/man && \
	  maker="$(CURL_HE_NATIVE)" && \
	  maker="$${maker:-./curl-he$(EXEEXT)}" && \
	  "$$maker" manual $(srcdir)/docs/commands $(made)/man && \
	  for shell in bash zsh fish; do \
	    "$$maker" completion $$shell >$(made)/$$shell || exit 1; \
	  done && echo made >$@

# Each shell looks for a name of its own.
install-data-local: $(made)/stamp
	$(MKDIR_P) "$(DESTDIR)$(pagesdir)" "$(DESTDIR)$(bashcompdir)" \
	  "$(DESTDIR)$(zshcompdir)" "$(DESTDIR)$(fishcompdir)"
	$(INSTALL_DATA) $(made)/man/*.1 "$(DESTDIR)$(pagesdir)"
	$(INSTALL_DATA) $(made)/bash "$(DESTDIR)$(bashcompdir)/curl-he"
	$(INSTALL_DATA) $(made)/zsh "$(DESTDIR)$(zshcompdir)/_curl-he"
	$(INSTALL_DATA) $(made)/fish "$(DESTDIR)$(fishcompdir)/curl-he.fish"

uninstall-local:
	rm -f "$(DESTDIR)$(pagesdir)"/curl-he.1 \
	  "$(DESTDIR)$(pagesdir)"/curl-he-*.1 \
	  "$(DESTDIR)$(bashcompdir)/curl-he" "$(DESTDIR)$(zshcompdir)/_curl-he" \
	  "$(DESTDIR)$(fishcompdir)/curl-he.fish"

clean-local:
	rm -rf $(made)
endif
endif
