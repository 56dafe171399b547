# mod_einbuergerung. `make help` lists what there is to make; plain GNU make, no autotools, no libtool.

VERSION  := 0.1.0
BUILD    ?= build
PORT     ?= 8080
ROOMS    ?= base form page store message delivery
APXS     ?= apxs2
CC       ?= cc
PROVE    ?= prove
JOBS     ?= $(shell nproc)

# A compiler that only needs `make`: 0 in production, address,undefined for the sanitizer run of the tests.
SANITIZE ?=

prefix   ?= /usr
share    := $(prefix)/share/mod_einbuergerung
modules   = $(shell $(APXS) -q LIBEXECDIR)
moddir    = $(modules)

libs     := apr-1 apr-util-1 libxml-2.0 libxslt libcrypto hiredis jansson libutf8proc
warn     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla \
            -Wformat=2 -Wno-format-nonliteral
CFLAGS   ?= -O2 -g
ifdef CI
  warn   += -Werror
endif
ifneq ($(SANITIZE),)
  CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined
  LDFLAGS += -fsanitize=$(SANITIZE)
endif

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden -I. -DEB_VERSION='"$(VERSION)"' $(warn) $(CPPFLAGS) $(CFLAGS)
core_inc   = $(shell pkg-config --cflags $(libs))
core_lib   = $(shell pkg-config --libs $(libs))
httpd_inc  = -isystem $(shell $(APXS) -q INCLUDEDIR)

core_src   := $(sort $(wildcard $(addsuffix /*.c,$(ROOMS))))
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
	$(CC) $(ALL_CFLAGS) $(core_inc) $(if $(filter httpd/%,$<),$(httpd_inc)) -MMD -MP -c -o $@ $<

$(core): $(core_obj)
	@rm -f $@
	$(AR) rcsD $@ $^

$(module): $(httpd_obj) $(core)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -Wl,-z,relro,-z,now -o $@ $^ $(core_lib)

$(BUILD)/einbuergerungctl: $(ctl_src:%.c=$(BUILD)/%.o) $(core)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(core_lib)

$(BUILD)/t/unit/%: t/unit/%.c t/lib/tap.h $(core)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(core_inc) -It/lib $(LDFLAGS) -MMD -MP -o $@ $< $(core) $(core_lib)

$(BUILD)/t/fuzz/%_replay: t/fuzz/%_fuzz.c t/fuzz/replay.c $(core)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(core_inc) -It/lib $(LDFLAGS) -MMD -MP -o $@ $< t/fuzz/replay.c $(core) $(core_lib)

unit: $(unit_bin) ## build the C unit tests

check-unit: unit ## run the C unit tests only
	$(PROVE) -e '' $(unit_bin)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all unit check-unit
