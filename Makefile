# Runwake's build: one non-recursive file. `make help` lists the targets.
#   make                     programs, hooks, man pages and completion into build/release
#   make VARIANT=asan        the same with AddressSanitizer and UBSan into build/asan
#   make check               every quick test; see tests/run.sh
#   make install PREFIX=DIR  DESTDIR is honoured

# None of make's own rules is used, and to look for one for each of a thousand files takes longer than all else of a `make install`.
MAKEFLAGS += -r
.SUFFIXES:

VERSION  := $(shell cat VERSION)
PREFIX   ?= $(HOME)/.local
DESTDIR  ?=
VARIANT  ?= release
B        := build/$(VARIANT)
PKG_CONFIG ?= pkg-config

bindir     := $(PREFIX)/bin
libexecdir := $(PREFIX)/libexec/runwake
mandir     := $(PREFIX)/share/man
bashdir    := $(PREFIX)/share/bash-completion/completions

V ?= 0
ifeq ($(V),0)
say = @printf '  %-6s %s\n' $(1) $(2);
else
say =
endif

# ---- packages: asked once, with a clear message -----------------------------------------------
PACKAGES := jansson uuid libgit2 sqlite3 libpq libcurl
ifneq ($(filter-out clean help uninstall,$(or $(MAKECMDGOALS),all)),)
missing := $(strip $(foreach p,$(PACKAGES),$(shell $(PKG_CONFIG) --exists $(p) 2>/dev/null || echo $(p))))
ifneq ($(missing),)
$(error not found by $(PKG_CONFIG): $(missing) (Debian: apt-get install pkg-config libjansson-dev uuid-dev libgit2-dev libsqlite3-dev libpq-dev libcurl4-openssl-dev, or run ./install.sh))
endif
event_libs := $(shell $(PKG_CONFIG) --libs jansson uuid)
git_libs   := $(shell $(PKG_CONFIG) --libs libgit2)
sqlite_libs := $(shell $(PKG_CONFIG) --libs sqlite3)
libpq_libs := $(shell $(PKG_CONFIG) --libs libpq)
curl_libs  := $(shell $(PKG_CONFIG) --libs libcurl)
store_libs := $(sqlite_libs) $(libpq_libs)
pkg_cflags := $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
endif

# ---- flags ------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
        -Wwrite-strings -Wundef -Wimplicit-fallthrough -fno-common
ifeq ($(DEV),1)
WARN += -Werror
endif
ifneq ($(findstring asan,$(VARIANT)),)
OPT      := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LINK     := -fsanitize=address,undefined
HOOKLINK := $(LINK)
else ifneq ($(findstring fuzz,$(VARIANT)),)
OPT      := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LINK     := -fsanitize=address,undefined
HOOKLINK := $(LINK)
else ifneq ($(findstring ubsan,$(VARIANT)),)
OPT      := -O1 -g -fsanitize=undefined -fno-sanitize-recover=undefined
LINK     := -fsanitize=undefined
HOOKLINK := $(LINK)
else
OPT      := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LINK     := -pie -Wl,-z,relro,-z,now
MODULELINK := -Wl,-z,defs
# The hooks are fully static where the archives are: no loader or library can be missing in a container.
HOOKLINK := $(shell printf 'int main(void){return 0;}' | $(CC) -x c - -static -o /dev/null -ljansson -luuid 2>/dev/null && echo -static || echo $(LINK))
endif
CPPFLAGS += -D_GNU_SOURCE -I. -Ilib -I$(B)/gen -DRUNWAKE_VERSION='"$(VERSION)"'
CFLAGS   += -std=c11 $(WARN) $(OPT) $(pkg_cflags)

MODULEFLAGS := -fPIC -fvisibility=hidden

# ---- sources ----------------------------------------------------------------------------------
rooms := base event git store agent
$(foreach r,$(rooms),$(eval $(r)_src := $(wildcard lib/$(r)/*.c)))
$(foreach r,$(rooms),$(eval $(r)_obj := $(patsubst %.c,$(B)/%.o,$($(r)_src))))
store_obj += $(B)/gen/sql_table.o $(B)/gen/migration_table.o $(B)/gen/optional_table.o $(B)/gen/own_table.o
# runwake loads the PostgreSQL driver only where it is wanted: a module with what it needs of base, and nothing of the
# program's. The tests have the driver in them.
postgres_load := $(B)/lib/store/store_postgres_load.o
postgres_obj  := $(filter $(B)/lib/store/store_postgres%,$(store_obj))
store_obj     := $(filter-out $(postgres_load),$(store_obj))
# How the server writes values is needed by both, and needs no libpq.
postgres_value := $(B)/lib/store/store_postgres_value.o
program_store_obj := $(postgres_load) $(postgres_value) $(filter-out $(postgres_obj),$(store_obj))
postgres_obj  := $(filter-out $(postgres_load),$(postgres_obj))
module_obj    := $(patsubst $(B)/%,$(B)/module/%,$(postgres_obj) $(B)/lib/store/store_dispatch.o $(B)/lib/store/own.o $(B)/gen/sql_table.o $(B)/gen/own_table.o $(base_obj))
agent_obj += $(B)/gen/prices_table.o
cli_src   := $(wildcard cli/*.c)
cli_obj   := $(patsubst %.c,$(B)/%.o,$(cli_src))
# One program serves the hooks that only say that HEAD moved; it has a file for each, since its name tells which it is.
hook_mains := post-checkout post-commit post-rewrite pre-push
hook_links := post-merge post-applypatch
hook_names := $(hook_mains) $(hook_links)
# The hooks of agents' clients.
agent_hooks := claude-code
watcher_src := $(filter-out watcher/main.c,$(wildcard watcher/*.c))
watcher_obj := $(patsubst %.c,$(B)/%.o,$(watcher_src))
remote_src := $(wildcard remote/*.c)
remote_obj := $(patsubst %.c,$(B)/%.o,$(remote_src))
hook_obj  := $(patsubst %,$(B)/hooks/%.o,hook chain events input program tell)
agent_hook_obj := $(patsubst %,$(B)/hooks/%.o,agent agent_environment agent_events agent_process agent_run agent_tools input program tell)
sql       := $(sort $(wildcard lib/store/sql/*.sql))
migrations := $(sort $(wildcard migrations/sqlite/*.sql migrations/postgres/*.sql))
optionals := $(sort $(wildcard migrations/postgres/optional/*.sql))

base_a  := $(B)/libbase.a
event_a := $(B)/libevent.a
git_a   := $(B)/libgit.a
store_a := $(B)/libstore.a
agent_a := $(B)/libagent.a
watcher_a := $(B)/libwatcher.a

hooks    := $(addprefix $(B)/libexec/hooks/,$(hook_names) $(agent_hooks))
runwake  := $(B)/bin/runwake
watcher  := $(B)/bin/runwake-watcher
remote   := $(B)/libexec/runwake/runwake-remote
postgres_so := $(B)/libexec/runwake/runwake-postgres.so

.PHONY: all help claude-code check install uninstall clean demo bench bench-store endurance hooks tools unit fault fuzz
.DELETE_ON_ERROR:
all: $(runwake) $(postgres_so) $(watcher) $(remote) $(hooks) $(B)/man/stamp $(B)/completion/runwake.bash

help:
	@sed -n '1,/^$$/p' Makefile
	@echo 'Targets: all check demo bench bench-store endurance fuzz install uninstall clean; variants: release asan ubsan (VARIANT=…), CC=clang'

# ---- libraries --------------------------------------------------------------------------------
# What includes store/store.h includes the generated table; waiting for it costs the others nothing.
$(B)/%.o: %.c | $(B)/gen/sql_table.h
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/gen/%.o: $(B)/gen/%.c | $(B)/gen/sql_table.h
	$(call say,CC,$<) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/module/%.o: %.c | $(B)/gen/sql_table.h
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(CPPFLAGS) $(CFLAGS) $(MODULEFLAGS) -MMD -MP -c -o $@ $<
$(B)/module/gen/%.o: $(B)/gen/%.c | $(B)/gen/sql_table.h
	@mkdir -p $(@D)
	$(call say,CC,$<) $(CC) $(CPPFLAGS) $(CFLAGS) $(MODULEFLAGS) -MMD -MP -c -o $@ $<

define archive
$$($(1)_a): $$($(1)_obj)
	$$(call say,AR,$$@) rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach r,$(rooms) watcher,$(eval $(call archive,$(r))))

# SQL stays in files, one query each; the tables below are made of them at build time.
$(B)/gen/sql_table.c $(B)/gen/sql_table.h &: $(sql) $(wildcard lib/store/sql/parts/*.sql) lib/store/embed_sql.sh
	@mkdir -p $(B)/gen
	$(call say,EMBED,lib/store/sql) sh lib/store/embed_sql.sh $(B)/gen $(sql)
$(B)/gen/migration_table.c: $(migrations) lib/store/embed_migrations.sh
	@mkdir -p $(B)/gen
	$(call say,EMBED,migrations) sh lib/store/embed_migrations.sh $@ $(migrations)
$(B)/gen/own_table.c: $(filter migrations/postgres/%,$(migrations)) lib/store/embed_own.sh
	@mkdir -p $(B)/gen
	$(call say,EMBED,migrations/postgres) sh lib/store/embed_own.sh $@ $(filter migrations/postgres/%,$(migrations))
$(B)/gen/optional_table.c: $(optionals) lib/store/embed_optional.sh
	@mkdir -p $(B)/gen
	$(call say,EMBED,migrations/postgres/optional) sh lib/store/embed_optional.sh $@ $(optionals)
# The table of prices is a file that a person may read and copy; so is its text in the program.
$(B)/gen/prices_table.c: lib/agent/prices.json lib/agent/embed_prices.sh lib/store/embed_bytes.sh
	@mkdir -p $(B)/gen
	$(call say,EMBED,$<) sh lib/agent/embed_prices.sh $@ $<

# ---- programs ---------------------------------------------------------------------------------
$(runwake): $(cli_obj) $(agent_a) $(program_store_obj) $(git_a) $(event_a) $(base_a)
	@mkdir -p $(@D)
	$(call say,LINK,$@) $(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(sqlite_libs) $(git_libs) $(event_libs) -ldl
$(postgres_so): $(module_obj)
	@mkdir -p $(@D)
	$(call say,LINK,$@) $(CC) $(filter-out -pie,$(LINK)) $(MODULELINK) -shared $(LDFLAGS) -o $@ $^ $(libpq_libs) $(event_libs)

# A witness like the hooks, and linked like them.
$(watcher): $(B)/watcher/main.o $(watcher_a) $(event_a) $(base_a)
	@mkdir -p $(@D)
	$(call say,LINK,$@) $(CC) $(HOOKLINK) $(LDFLAGS) -o $@ $^ $(event_libs)

# Speaks to services elsewhere: the only one with libcurl.
$(remote): $(remote_obj) $(agent_a) $(event_a) $(base_a)
	@mkdir -p $(@D)
	$(call say,LINK,$@) $(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(curl_libs) $(event_libs)

define hooks_in # DIRECTORY HOW-THEY-ARE-LINKED
$(addprefix $(1)/,$(hook_mains)): $(1)/%: $(B)/hooks/%.o $(hook_obj) $(event_a) $(base_a)
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@) $$(CC) $(2) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) $$(event_libs)
$(1)/pre-push: $(B)/hooks/push.o
$(addprefix $(1)/,$(hook_links)): $(1)/post-commit
	$$(call say,LINK,$$@) ln -f $$< $$@
$(addprefix $(1)/,$(agent_hooks)): $(1)/%: $(B)/hooks/%.o $(agent_hook_obj) $(agent_a) $(event_a) $(base_a)
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@) $$(CC) $(2) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) $$(event_libs)
endef
$(eval $(call hooks_in,$(B)/libexec/hooks,$(HOOKLINK)))
hooks: $(hooks)
# The same linked dynamically, for tests/e2e/hooks_valgrind.sh: valgrind cannot see a static program's allocations.
dynamic_hooks := $(addprefix $(B)/tests/dynamic/hooks/,$(hook_names) $(agent_hooks))
comma := ,
$(eval $(call hooks_in,$(B)/tests/dynamic/hooks,$(LINK)))

# One table of commands feeds the parser, the help, the man pages and the completion.
$(B)/man/stamp: $(runwake)
	@mkdir -p $(@D)
	$(call say,GEN,$(@D)) $(runwake) generate man $(@D) && touch $@
$(B)/completion/runwake.bash: $(runwake)
	@mkdir -p $(@D)
	$(call say,GEN,$@) $(runwake) generate completion > $@

# ---- tests ------------------------------------------------------------------------------------
unit_libs_base  = $(base_a)
unit_libs_event = $(event_a) $(base_a)
unit_libs_git   = $(git_a) $(event_a) $(base_a)
unit_libs_store = $(store_a) $(git_a) $(event_a) $(base_a)
unit_libs_agent = $(agent_a) $(event_a) $(base_a)
unit_libs_watcher = $(watcher_a) $(event_a) $(base_a)
unit_libs_cli   = $(filter-out $(B)/cli/main.o,$(cli_obj)) $(agent_a) $(unit_libs_store)
define unit_room
unit_$(1) := $$(patsubst tests/unit/$(1)/%.c,$$(B)/tests/unit/$(1)/%,$$(wildcard tests/unit/$(1)/*_test.c))
$$(unit_$(1)): $$(B)/tests/unit/$(1)/%: $$(B)/tests/unit/$(1)/%.o $$(unit_libs_$(1))
	$$(call say,LINK,$$@) $$(CC) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$(store_libs) $$(git_libs) $$(event_libs) -lcmocka
endef
$(foreach r,$(rooms) cli watcher,$(eval $(call unit_room,$(r))))
unit: $(foreach r,$(rooms) cli watcher,$(unit_$(r)))

# Each fault test names what it links by its room: tests/fault/<room>_<what>.c
fault_progs := $(patsubst tests/fault/%.c,$(B)/tests/fault/%,$(wildcard tests/fault/*_fault.c))
FAULT_WRAP  := malloc calloc realloc strdup write pwrite fsync fdatasync rename link unlink unlinkat
$(fault_progs): $(B)/tests/fault/%: $(B)/tests/fault/%.o $(B)/tests/fault/wrap.o $(agent_a) $(unit_libs_store)
	$(call say,LINK,$@) $(CC) $(LINK) $(LDFLAGS) $(addprefix -Wl$(comma)--wrap=,$(FAULT_WRAP)) -o $@ \
	    $(filter %.o,$^) $(filter %.a,$^) $(store_libs) $(git_libs) $(event_libs) -lcmocka
$(B)/tests/fault/settings_fault: $(filter-out $(B)/cli/main.o,$(cli_obj))
$(B)/tests/fault/live_fault: $(B)/cli/live.o $(filter $(B)/cli/import_%,$(cli_obj)) $(B)/cli/print.o $(B)/cli/workspace.o
$(B)/tests/fault/run_fault: $(B)/cli/run_attend.o $(B)/cli/run_feed.o $(B)/cli/run_pump.o
$(B)/tests/fault/feed_fault: $(B)/cli/run_feed.o
fault: $(fault_progs)

# Small programs that the e2e tests and the benches drive: tests/e2e/tool_*.c, tests/bench/*.c
tool_progs := $(patsubst tests/%.c,$(B)/tests/%,$(filter-out %/empty.c %/slow_sync.c,$(wildcard tests/e2e/tool_*.c tests/bench/*.c)))
$(tool_progs): $(B)/tests/%: $(B)/tests/%.o $(watcher_a) $(agent_a) $(unit_libs_store)
	$(call say,LINK,$@) $(CC) $(LINK) $(LDFLAGS) -o $@ $^ $(store_libs) $(git_libs) $(event_libs)
# What a program costs that does nothing and loads nothing but libc, or not even that.
empty_progs := $(B)/tests/bench/empty $(B)/tests/bench/empty_static
$(B)/tests/bench/empty: tests/bench/empty.c
	@mkdir -p $(@D)
	$(call say,LINK,$@) $(CC) $(CFLAGS) $(LINK) -o $@ $<
$(B)/tests/bench/empty_static: tests/bench/empty.c
	@mkdir -p $(@D)
	$(call say,LINK,$@) $(CC) -O2 $(HOOKLINK) -o $@ $<
# Makes a server's disk slow.
slow_sync := $(B)/tests/bench/slow_sync.so
$(slow_sync): tests/bench/slow_sync.c
	@mkdir -p $(@D)
	$(call say,LINK,$@) $(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $< -ldl
tools: $(tool_progs) $(empty_progs) $(slow_sync) $(dynamic_hooks)

# Fuzzers want clang: make fuzz CC=clang VARIANT=fuzz [FUZZ_SECONDS=30]
FUZZ_SECONDS ?= 30
fuzz_progs := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
$(fuzz_progs): $(B)/tests/fuzz/%: tests/fuzz/%.c $(hook_obj) $(B)/hooks/push.o $(agent_a) $(unit_libs_store)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@) $(CC) $(CPPFLAGS) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(store_libs) $(git_libs) $(event_libs)
fuzz: $(fuzz_progs)
	tests/fuzz/run.sh $(B) $(FUZZ_SECONDS)

check: all unit fault tools
	tests/run.sh $(VARIANT)
demo: all
	tests/demo.sh $(abspath $(B))
bench: all tools
	tests/bench/run.sh $(abspath $(B))
# As many as a team makes in years; the plans are left in build/VARIANT/store-plans. Ten minutes, and 4 GB below TMPDIR.
bench-store: all tools
	RUNS=500000 EVENTS=5000000 OUT=$(abspath $(B))/store-plans tests/bench/store_large.sh $(abspath $(B))
# Fifty writers in twenty worktrees, the watcher and its recorder killed at random: what the short one of `make check` is.
MINUTES ?= 10
endurance: all
	STORM_SECONDS=$$(($(MINUTES) * 60)) STORM_REPOSITORIES=5 STORM_WORKTREES=4 tests/e2e/watcher_storm.sh $(abspath $(B))

# The client that tests/e2e/claude_real.sh wraps, from npm, once: about 400 MB.
claude-code:
	tests/claude_code.sh "$${CLAUDE_CODE_CACHE:-build/claude-code}" --fetch

# ---- installation -----------------------------------------------------------------------------
install: all
	install -d "$(DESTDIR)$(bindir)" "$(DESTDIR)$(libexecdir)/hooks" "$(DESTDIR)$(mandir)/man1" "$(DESTDIR)$(bashdir)"
	install -m 755 $(runwake) $(watcher) "$(DESTDIR)$(bindir)/"
# Not writable: some tools write a hook of theirs through the symbolic link that is in its place.
	install -m 555 $(hooks) "$(DESTDIR)$(libexecdir)/hooks/"
	install -m 555 $(postgres_so) $(remote) "$(DESTDIR)$(libexecdir)/"
	install -m 644 $(B)/man/*.1 "$(DESTDIR)$(mandir)/man1/"
	install -m 644 $(B)/completion/runwake.bash "$(DESTDIR)$(bashdir)/runwake"

uninstall:
	rm -f "$(DESTDIR)$(bindir)/runwake" "$(DESTDIR)$(bindir)/runwake-watcher" $(patsubst %,"$(DESTDIR)$(libexecdir)/hooks/%",$(hook_names) $(agent_hooks))
	rm -f "$(DESTDIR)$(mandir)/man1/runwake.1" "$(DESTDIR)$(mandir)/man1"/runwake-*.1 "$(DESTDIR)$(bashdir)/runwake"
	rm -f "$(DESTDIR)$(libexecdir)/runwake-postgres.so" "$(DESTDIR)$(libexecdir)/runwake-remote"
	-rmdir "$(DESTDIR)$(libexecdir)/hooks" "$(DESTDIR)$(libexecdir)"

clean:
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)
