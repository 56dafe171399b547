# mod_einbuergerung. `make help` lists what there is to make; plain GNU make, no autotools, no libtool.

VERSION  := 0.1.0
BUILD    ?= build
PORT     ?= 8080
ROOMS    ?= base form page store message delivery
APXS     ?= apxs2
CC       ?= cc
PROVE    ?= prove
JOBS     ?= $(shell nproc)

# V=1 shows whole commands.
Q         = $(if $(V),,@)

# address,undefined for the sanitizer run of the tests; nothing in production.
SANITIZE ?=

prefix   ?= /usr
share    := $(prefix)/share/mod_einbuergerung
modules   = $(shell $(APXS) -q LIBEXECDIR)
moddir    = $(modules)

libs     := apr-1 apr-util-1 libxml-2.0 libxslt libcrypto libcurl hiredis jansson libutf8proc zlib
# TLS to Redis, where hiredis has it: from Debian 13 on.
ifneq ($(shell pkg-config --exists hiredis_ssl && echo yes),)
  libs   += hiredis_ssl libssl
  tls    := -DEB_REDIS_TLS
endif
warn     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla \
            -Wformat=2 -Wno-format-nonliteral
CFLAGS   ?= -O2 -g
ifdef CI
  warn   += -Werror
endif
# APR declares apr_pstrmemdup's block one byte shorter than it is, so object-size would see an overrun in every copied string.
ifneq ($(SANITIZE),)
  CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize=object-size -fno-sanitize-recover=undefined
  LDFLAGS += -fsanitize=$(SANITIZE)
endif

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden -I. -DEB_VERSION='"$(VERSION)"' $(warn) $(CPPFLAGS) $(CFLAGS)
# Asked for when first used, since the packages may have to be installed before, and then kept.
core_inc   = $(eval core_inc := $(shell pkg-config --cflags $(libs)) $(tls))$(core_inc)
core_lib   = $(eval core_lib := $(shell pkg-config --libs $(libs)) -lm)$(core_lib)
httpd_inc  = $(eval httpd_inc := -isystem $(shell $(APXS) -q INCLUDEDIR))$(httpd_inc)

core_src   := $(sort $(wildcard $(addsuffix /*.c,$(ROOMS)) $(addsuffix /*/*.c,$(ROOMS))))
ifeq ($(SANITIZE),thread)
  core_src += t/lib/atomics.c
endif
core_obj   := $(core_src:%.c=$(BUILD)/%.o)
httpd_src  := $(sort $(wildcard httpd/*.c))
httpd_obj  := $(httpd_src:%.c=$(BUILD)/%.o)
unit_src   := $(sort $(wildcard $(addprefix t/unit/,$(addsuffix _*.c,$(ROOMS)))))
unit_bin   := $(unit_src:t/unit/%.c=$(BUILD)/t/unit/%)
fuzz_src   := $(sort $(wildcard t/fuzz/*_fuzz.c))
replay_bin := $(fuzz_src:t/fuzz/%_fuzz.c=$(BUILD)/t/fuzz/%_replay)
ctl_src    := $(sort $(wildcard ctl/*.c))

core       := $(BUILD)/libeinbuergerung.a
module     := $(BUILD)/mod_einbuergerung.so
ctl        := $(if $(ctl_src),$(BUILD)/einbuergerungctl)

all: $(module) $(ctl) theme ## build the module, the operator's command and the theme

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) $(core_inc) $(if $(filter httpd/%,$<),$(httpd_inc)) -MMD -MP -c -o $@ $<

$(core): $(core_obj)
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^

# nodelete: httpd unloads modules at each reload, and libxslt, going with ours, would leak what it had registered.
$(module): $(httpd_obj) $(core)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) -shared $(CFLAGS) $(LDFLAGS) -Wl,-z,relro,-z,now,-z,nodelete -o $@ $^ $(core_lib)

$(BUILD)/einbuergerungctl: $(ctl_src:%.c=$(BUILD)/%.o) $(core)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(core_lib)

$(BUILD)/t/unit/%: t/unit/%.c t/lib/tap.h $(core)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) $(core_inc) -It/lib $(LDFLAGS) -MMD -MP -o $@ $< $(core) $(core_lib) -lssl

$(BUILD)/t/fuzz/%_replay: t/fuzz/%_fuzz.c t/fuzz/replay.c $(core)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) $(core_inc) -It/lib $(LDFLAGS) -MMD -MP -o $@ $< t/fuzz/replay.c $(core) $(core_lib)

unit: $(unit_bin) ## build the C unit tests

check-unit: unit ## run the C unit tests only
	$(PROVE) -e '' $(unit_bin)

# What needs no server, for whoever builds a package.
alone := $(filter $(addprefix $(BUILD)/t/unit/,base_% form_% page_% message_%),$(unit_bin))
unit-alone: $(alone)
	$(PROVE) -e '' $(alone)

theme: $(BUILD)/theme/.done ## fetch KERN by npm and lay out style sheets and fonts

# The files as they are served: KERN's own, unchanged, beside ours and the fonts' small parts, each compressed in advance.
theme_src := $(wildcard conf/theme/*)
kern      := node_modules/@kern-ux/native/dist
noto      := node_modules/@fontsource/noto-sans/files/noto-sans
arabic    := node_modules/@fontsource/noto-sans-arabic/files/noto-sans-arabic
$(BUILD)/theme/.done: $(kern)/kern.min.css $(theme_src)
	@rm -rf $(@D) && mkdir -p $(@D)
	cp $(kern)/kern.min.css $(kern)/fonts/noto-sans/NotoSans-*.woff2 $(noto)-latin-[47]00-normal.woff2 $(noto)-latin-ext-[47]00-normal.woff2 \
	    $(noto)-cyrillic-[47]00-normal.woff2 $(noto)-cyrillic-ext-[47]00-normal.woff2 $(arabic)-arabic-[47]00-normal.woff2 \
	    $(theme_src) $(@D)
	chmod 0644 $(@D)/*
	find $(@D) -name "*.css" -o -name "*.js" | xargs gzip -9 -n -k
	@touch $@

$(kern)/kern.min.css: package.json package-lock.json
	npm ci --no-fund --no-audit --ignore-scripts
	@touch -c $@

# Texts for translators. Pages and Quick-Check come first; where a text stands is said by file, not by line, so that a catalogue only
# changes when a text does.
po        := schemas/po
po_lists  := $(filter-out %/dokumentart.xml,$(sort $(wildcard schemas/codelists/*.xml)))
po_code   := $(sort $(foreach room,base form page httpd,$(wildcard $(room)/*.c)))
xgettext  := xgettext --from-code=UTF-8 --add-location=file --no-wrap --package-name=mod_einbuergerung --copyright-holder= --add-comments \
             --output=$(po)/einbuergerung.pot
says      := --keyword --keyword=EB_TEXT:2 --keyword=EB_TEXTS:2,3 --keyword=EB_SAY --keyword=eb_say:2 --keyword=eb_say_with:3 \
             --keyword=eb_say_count:3,4
pot: ## extract every text a visitor reads into schemas/po/einbuergerung.pot
	$(Q)rm -f $(po)/einbuergerung.pot
	$(Q)$(xgettext) --language=C $(says) page/texts.def
	$(Q)$(xgettext) --join-existing --its=$(po)/einbuergerung.its schemas/forms/quickcheck.xml schemas/forms/einbuergerung.xml $(po_lists)
	$(Q)$(xgettext) --join-existing --language=C $(says) --add-comments=TRANSLATORS $(po_code)
	$(Q)sed -i -e '/^"POT-Creation-Date/d' -e '1,/^msgid/{/^# /d;/^#$$/d}' $(po)/einbuergerung.pot

po-update: pot ## bring the catalogues in schemas/po up to the texts
	$(Q)$(po)/update

po-check: ## check the catalogues (RELEASE=1: nothing may be missing)
	$(Q)$(po)/check

# One catalogue per language as httpd reads it: the translations, and what iso-codes says about states. Without msgfmt there is only German.
languages := $(shell cat $(po)/LINGUAS)
catalogue := $(languages:%=$(BUILD)/languages/%.mo)
ifneq ($(shell command -v msgfmt),)
$(BUILD)/languages/%.mo: $(po)/%.po $(po)/lists.pl $(po)/staaten.tsv $(wildcard schemas/codelists/*.xml)
	@mkdir -p $(@D)
	$(Q)$(po)/lists.pl $* $< $(wildcard schemas/codelists/*.xml) > $(@D)/$*.lists
	$(Q){ cat $<; echo; cat $(@D)/$*.lists; } > $(@D)/$*.whole && msgfmt --output-file=$@ $(@D)/$*.whole && rm $(@D)/$*.lists $(@D)/$*.whole
endif

install: all $(if $(shell command -v msgfmt),$(catalogue)) ## install below DESTDIR (module, command, forms, schemas, theme, examples)
	install -d $(DESTDIR)$(moddir) $(DESTDIR)$(share)/theme $(DESTDIR)/etc/apache2/mods-available
	install -m 0644 $(module) $(DESTDIR)$(moddir)/
	cp -R schemas $(DESTDIR)$(share)/ && rm -rf $(DESTDIR)$(share)/schemas/po
	install -d $(DESTDIR)$(share)/init
	install -m 0644 conf/init/* conf/redis.conf conf/redis-users.acl $(DESTDIR)$(share)/init/
	install -m 0644 $(filter-out %/.done,$(wildcard $(BUILD)/theme/*)) $(DESTDIR)$(share)/theme/
	$(if $(shell command -v msgfmt),install -D -m 0644 -t $(DESTDIR)$(share)/languages $(catalogue))
	install -m 0644 conf/einbuergerung.load conf/einbuergerung.conf $(DESTDIR)/etc/apache2/mods-available/
	$(if $(ctl),install -D -m 0755 $(ctl) $(DESTDIR)$(prefix)/bin/einbuergerungctl)
	$(if $(ctl),install -D -m 0644 conf/einbuergerungctl.8 $(DESTDIR)$(prefix)/share/man/man8/einbuergerungctl.8)

sbom: $(module) $(ctl) ## what a build is made of, for those who watch for holes (CycloneDX), in BUILD
	perl conf/sbom.pl $(VERSION) $(module) $(ctl) $(if $(shell command -v msgfmt),iso-codes) > $(BUILD)/sbom.cdx.json

# The tarball from which a distribution builds, without a network: what is in the repository and what npm brings of the theme.
dist_date  = $(shell git log -1 --format=%ct)
dist_name := mod-einbuergerung-$(VERSION)
vendored   = $(addprefix node_modules/@kern-ux/native/,LICENSE.md package.json src dist/kern.css dist/kern.min.css) \
             $(wildcard $(kern)/fonts/noto-sans/*.woff2) \
             $(wildcard $(foreach set,latin latin-ext cyrillic cyrillic-ext,$(noto)-$(set)-[47]00-normal.woff2)) \
             $(wildcard node_modules/@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-[47]00-normal.woff2) \
             $(wildcard $(foreach font,noto-sans noto-sans-arabic,$(addprefix node_modules/@fontsource/$(font)/,LICENSE package.json)))
dist: $(kern)/kern.min.css ## a tarball in BUILD to build from without a network, the theme's files included
	$(if $(shell command -v msgfmt),RELEASE=1 $(po)/check >/dev/null)
	@mkdir -p $(BUILD)
	{ git ls-files; find $(vendored) -type f; } | LC_ALL=C sort | tar -c --no-recursion -T - --transform 's,^,$(dist_name)/,' \
	    --mtime=@$(dist_date) --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --format=gnu | xz -c > $(BUILD)/$(dist_name).tar.xz
	@ls -l $(BUILD)/$(dist_name).tar.xz

package-check: dist ## build the Debian packages twice, offline, compare and check them, some minutes (DEBIAN=trixie: there)
	EB_BUILD=$(abspath $(BUILD)) t/package/build $(DEBIAN)

installed-check: ## the packages of package-check on DEBIAN=bookworm or trixie (or a folder with one), some minutes
	EB_BUILD=$(abspath $(BUILD)) t/package/installed $(DEBIAN)
	EB_BUILD=$(abspath $(BUILD)) t/package/installed $(DEBIAN) t/package/upgrade
	EB_BUILD=$(abspath $(BUILD)) t/package/quickstart $(DEBIAN)

hostile-check: ## the Core Rule Set, testssl.sh and slowhttptest against the shipped vhost, half an hour
	@$(MAKE) -s -j$(JOBS) stage
	EB_BUILD=$(abspath $(BUILD)) t/package/waf
	EB_BUILD=$(abspath $(BUILD)) t/package/tls

# What the demonstration and the tests run: an installation in the build folder, of no root's business.
stage: $(BUILD)/stage/.done
$(BUILD)/stage/.done: $(module) $(ctl) $(BUILD)/theme/.done $(shell find schemas -type f) conf/einbuergerung.load conf/einbuergerung.conf $(wildcard conf/init/*) conf/redis.conf
	@rm -rf $(@D)
	@$(MAKE) -s install DESTDIR=$(@D) moddir=/modules share=/share BUILD=$(BUILD)
	@touch $@

run: deps-build ## start a private Redis and httpd with the real form on 127.0.0.1:8080 (PORT=)
	@$(MAKE) -s -j$(JOBS) stage
	@exec env PORT=$(PORT) BUILD=$(BUILD) conf/demo/run

deps-build deps-test deps-bench:
	@conf/demo/deps $(@:deps-%=%)

# Tests that start servers wait more than they work; those that take longest begin first.
WAITING  ?= $(shell echo $$((2 * $(JOBS))))

test: deps-test ## install what is missing, build, run all tests
	@$(MAKE) -s -j$(JOBS) stage unit replay browser-tools
	EB_BUILD=$(abspath $(BUILD)) $(PROVE) -j$(JOBS) --timer -e '' $(unit_bin)
	EB_BUILD=$(abspath $(BUILD)) $(PROVE) -j$(WAITING) --timer -r t/life t/browser t/http t/guard t/fuzz
	@$(MAKE) -s test-clang test-sanitize

# The other compiler, for its warnings.
test-clang:
	@command -v clang >/dev/null || { echo "skipped: no clang for its warnings"; exit 0; }; \
	$(MAKE) -s -j$(JOBS) BUILD=$(BUILD)/clang CC=clang $(BUILD)/clang/mod_einbuergerung.so && echo "clang: no warnings that fail"

# Unit, fuzz corpus and http tests once more under AddressSanitizer and UndefinedBehaviorSanitizer.
san := $(BUILD)/sanitize
test-sanitize:
	@$(MAKE) -s -j$(JOBS) BUILD=$(san) SANITIZE=address,undefined stage unit replay
	ASAN_OPTIONS=detect_leaks=0 EB_BUILD=$(abspath $(san)) $(PROVE) -j$(JOBS) -e '' $(unit_src:t/unit/%.c=$(san)/t/unit/%)
	ASAN_OPTIONS=detect_leaks=0 EB_BUILD=$(abspath $(san)) EB_SANITIZE=1 $(PROVE) -j$(WAITING) --timer -r t/http t/fuzz t/life/uploads.t t/life/mpm.t

# Too slow for every run: the rooms under memcheck, and their threads under ThreadSanitizer. Left out of the first is what has
# itself killed or traced, what waits for servers, what measures time or memory, and what counts through all of Unicode.
memcheck := valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite
unfit    := base_utf8 base_date form_content_real %_crash %_oracle %_threads message_faults delivery_submission delivery_directory \
            delivery_documents store_redis store_redis_outbox store_clamd store_sentinel store_tls store_operator store_package store_summary \
            store_faults delivery_cut delivery_http delivery_xta delivery_xta_mailbox delivery_xta_seal page_%
fit      := $(filter-out $(unfit),$(unit_src:t/unit/%.c=%))
test-valgrind: ## memcheck over the core and the worker, some minutes
	@$(MAKE) -s -j$(JOBS) $(fit:%=$(BUILD)/t/unit/%)
	$(PROVE) -j$(JOBS) --timer -e '$(memcheck)' $(fit:%=$(BUILD)/t/unit/%)

tsan     := $(BUILD)/tsan
threaded := message_threads store_redis store_clamd store_queue store_sentinel store_summary delivery_dispatcher delivery_crew \
            delivery_cut delivery_threads
test-tsan: ## ThreadSanitizer over whatever has threads
	@$(MAKE) -s -j$(JOBS) BUILD=$(tsan) SANITIZE=thread $(threaded:%=$(tsan)/t/unit/%)
	TSAN_OPTIONS=exitcode=66 $(PROVE) --timer -e '' $(threaded:%=$(tsan)/t/unit/%)

# libFuzzer, SECONDS= for each target; not part of the tests.
SECONDS ?= 60
fuzz: ## run every fuzz target with libFuzzer (SECONDS= each)
	@$(MAKE) -s -j$(JOBS) CC=clang BUILD=$(BUILD)/fuzz SANITIZE=fuzzer-no-link,address,undefined $(BUILD)/fuzz/libeinbuergerung.a
	@for source in $(fuzz_src); do \
	    topic=$$(basename $$source _fuzz.c); mkdir -p $(BUILD)/fuzz/run $(BUILD)/fuzz/new/$$topic; echo "== $$topic"; \
	    clang -std=c11 -D_GNU_SOURCE -I. -It/lib -O1 -g -fsanitize=fuzzer,address,undefined $(core_inc) -o $(BUILD)/fuzz/run/$$topic $$source \
	        $(BUILD)/fuzz/libeinbuergerung.a $(core_lib) && \
	    { ASAN_OPTIONS=detect_leaks=0 $(BUILD)/fuzz/run/$$topic -max_total_time=$(SECONDS) -print_final_stats=1 \
	        -artifact_prefix=$(BUILD)/fuzz/run/ $(BUILD)/fuzz/new/$$topic t/fuzz/corpus/$$topic > $(BUILD)/fuzz/run/$$topic.log 2>&1 || \
	        { tail -40 $(BUILD)/fuzz/run/$$topic.log; exit 1; }; } && \
	    grep -E 'stat::number_of_executed_units' $(BUILD)/fuzz/run/$$topic.log || exit 1; \
	done

# Too long for every run as well.
journeys: deps-test ## fourteen whole journeys in a real browser, twenty minutes (ONLY="single back ar")
	@$(MAKE) -s -j$(JOBS) stage browser-tools
	EB_BUILD=$(abspath $(BUILD)) EB_JOURNEYS="$(or $(ONLY),1)" $(PROVE) --timer -v t/browser/journeys.t

screenshots: deps-test ## pictures of every page for a desktop and a phone, of some in four languages, in build/screenshots (ONLY=pattern)
	@$(MAKE) -s -j$(JOBS) stage browser-tools
	EB_BUILD=$(abspath $(BUILD)) ONLY="$(ONLY)" t/browser/screenshots
	$(if $(ONLY),,EB_BUILD=$(abspath $(BUILD)) EB_LANGUAGES="ar fa tr uk" EB_PICTURES=$(abspath $(BUILD))/screenshots $(PROVE) t/browser/languages.t)

replay: $(replay_bin)
browser-tools: $(kern)/kern.min.css

guard: ## check the source against the rules of the house
	$(PROVE) t/guard

bench: deps-bench ## measure speed and size beside a static file
	@$(MAKE) -s -j$(JOBS) stage
	EB_BUILD=$(abspath $(BUILD)) t/bench/bench
	EB_BUILD=$(abspath $(BUILD)) t/bench/upload
	EB_BUILD=$(abspath $(BUILD)) t/bench/fitconnect
	EB_BUILD=$(abspath $(BUILD)) t/bench/xta
	EB_BUILD=$(abspath $(BUILD)) t/bench/languages

soak: deps-test ## kill, fill up and starve it for an hour (HOURS= or SECONDS=), and count what is lost
	@$(MAKE) -s -j$(JOBS) stage
	EB_BUILD=$(abspath $(BUILD)) $(if $(filter command line environment,$(origin SECONDS)),SECONDS=$(SECONDS)) t/soak/soak

format: ## apply clang-format
	clang-format -i $(wildcard */*.[ch] delivery/*/*.[ch] t/*/*.[ch])

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*##/\t/' | sort | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all unit check-unit theme install stage run test guard bench soak format clean help deps-build deps-test deps-bench unit-alone sbom dist package-check installed-check hostile-check browser-tools replay test-clang test-sanitize test-valgrind test-tsan fuzz journeys screenshots pot po-update po-check
