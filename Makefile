# Two commands do everything: `make run` and `make test`. Both install what is missing first.

CONFIG ?=
BENCH ?=
ARGS ?=
SWIFT ?= swift
CHAOS_SEED ?= 1
STATIC = --scratch-path .build-static -c release --static-swift-stdlib

.PHONY: run test build setup wire-formats lint format clean chaos bench bench-functions

## The daemon. Without CONFIG it is the demo: a simulated Lynex on loopback that goes through an incident.
run: build
ifeq ($(strip $(CONFIG)),)
	.build-static/release/tocsin run --demo $(ARGS)
else
	.build-static/release/tocsin run --config.file $(CONFIG) $(ARGS)
endif

## The optimised program, with Swift's runtime inside: .build-static/release/tocsin
build: setup
	$(SWIFT) build $(STATIC) --product tocsin

## Every test. Those that watch a program's clock from outside, ours or Alertmanager's, come last and
## alone: the others take every core.
test: export TZ = UTC
test: setup
	$(SWIFT) build -c release --build-tests
	$(SWIFT) test -c release --skip-build --skip EndToEndTests --skip NotifyTests.DifferentialTests
	$(SWIFT) test -c release --skip-build --filter NotifyTests.DifferentialTests
	$(SWIFT) test -c release --skip-build --filter EndToEndTests

## Kills the daemon 500 times while incidents go on: twenty minutes. CHAOS_SEED=N is another story.
chaos: setup
	$(SWIFT) build -c release --build-tests
	TOCSIN_CHAOS_RUNS=10 TOCSIN_CHAOS_KILLS=50 TOCSIN_CHAOS_SEED=$(CHAOS_SEED) \
		$(SWIFT) test -c release --skip-build --filter EndToEndTests.ChaosTests

## Installs the system packages that are missing (Debian and Ubuntu).
setup:
	@scripts/setup

## What operators cost in this process: parse, bind, step, bind again, commit.
bench-functions: setup
	cd Benchmarks && $(SWIFT) run -c release bench functions

## Tocsin beside Prometheus and Alertmanager, where these are installed (Debian's packages `prometheus` and
## `prometheus-alertmanager`): forty minutes.
bench: setup
	$(SWIFT) build -c release --product tocsin
	cd Benchmarks && $(SWIFT) build -c release && for part in fleet rules ranges alerts; do \
		.build/release/bench $$part --tocsin ../.build/release/tocsin \
		--prometheus "$$(command -v prometheus)" \
		--alertmanager "$$(command -v prometheus-alertmanager)" $(BENCH) || exit 1; done

## Makes the Swift code of the formats in Sources/WireFormats again, with protoc and swift-protobuf's protoc-gen-swift.
wire-formats:
	protoc --swift_opt=Visibility=Package --swift_out=Sources/WireFormats \
		-I Sources/WireFormats Sources/WireFormats/*.proto

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks/Sources Package.swift

format:
	$(SWIFT) format format --in-place --recursive Sources Tests Benchmarks/Sources Package.swift

clean:
	rm -rf .build .build-static
