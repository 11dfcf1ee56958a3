# One optimised build serves the programs and the tests: numerics are meaningless in a debug build.
SHELL := /bin/bash
BUILD := swift build -c release -Xswiftc -enable-testing
DEMO ?= demo

.PHONY: demo test build bench lint format clean dependencies

## demo: the whole journey on the embedded synthetic market, from candles to a promoted stack that trades on paper
demo: build
	scripts/demo $(DEMO)

## build: the programs, optimised for this machine (TERN_CPU_LEVEL=x86-64-v3 for images that travel)
build: dependencies
	$(BUILD) --product tern
	$(BUILD) --product tern-serve

## test: everything that must hold, in the same optimised build
test: dependencies
	scripts/check-dependencies
	$(BUILD) --build-tests --explicit-target-dependency-import-check error
	scripts/check-serving
	swift test -c release -Xswiftc -enable-testing --skip-build --parallel

## bench: speed as a ratio against the peers in the same run
bench: build
	Benchmarks/run

## lint: the formatter's strict rules and the direction of imports
lint:
	swift format lint --strict --recursive Package.swift Sources Tests
	scripts/check-dependencies

## format: rewrite the sources in the house style
format:
	swift format --in-place --recursive Package.swift Sources Tests

clean:
	rm -rf .build $(DEMO)

dependencies:
	@scripts/install-dependencies
