# Every target does the set-up it needs; what is done already is skipped. `make` alone prints this list.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build check format generate centres test test-unit test-device hil hil-power bench arm64 demo demo-zh demo-en start clean

setup := tools/setup.sh
tap := npx --no-install tap

help: ## print the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/\1|\2/' | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

setup: ## install what is missing: Debian packages, npm packages, build, models
	@$(setup) all

build: ## compile TypeScript into dist/
	@$(setup) build

check: ## format, lint, types, import table, registries, generated files, lock files, catalogues
	@$(setup) build
	npx --no-install biome check --error-on-warnings .
	npx --no-install tsc -p tsconfig.json --noEmit
	node dist/tools/check.js

format: ## put every file into the house's format
	npx --no-install biome check --write .

generate: ## write the files that are made from the contracts (docs/asyncapi.json, docs/openapi.json, docs/signals.md)
	@$(setup) build
	node dist/tools/check.js --generate

centres: ## write the embedding's mean vectors anew, after a change of its sentences or model
	@$(setup) all
	node dist/tools/embeddingCentres.js

test: ## unit and device tests, set-up included
	@$(setup) all
	@tools/test.sh unit device

test-unit: ## the tests beside the files
	@$(setup) all
	@tools/test.sh unit

test-device: ## whole systems on the emulated board
	@$(setup) all
	@tools/test.sh device

hil: ## drivers on real kernel interfaces, in a machine under software emulation: conformance, faults, an interview (about 20 minutes at first)
	@$(setup) all
	@node dist/test/hil/main.js $(if $(within),--within $(within))

hil-power: ## 20 losses of power in mid-answer, in the same machine (about 45 minutes)
	@$(setup) all
	@node dist/test/hil/main.js power

bench: ## speed, each figure beside its yardstick of the same run
	@$(setup) all
	node dist/test/bench/main.js

arm64: ## install as for an arm64 board and smoke-test it in qemu-user 10 or newer (about 8 minutes at first, then 5)
	@$(setup) all
	@node dist/test/arm64/main.js

demo: ## one interview from the microphone to HR, in the terminal's language
	@$(setup) all
	@node cli/candor.js demo

demo-zh: ## the same in Mandarin
	@$(setup) all
	@node cli/candor.js demo --language zh-CN

demo-en: ## the same in English
	@$(setup) all
	@node cli/candor.js demo --language en

start: ## everything of the demo without the script, left running
	@$(setup) all
	@node cli/candor.js start

clean: ## take away what was built; node_modules and models stay
	rm -rf dist .candor .tap
