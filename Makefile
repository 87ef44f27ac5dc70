# Every check and figure of this repository. `make` lists them; .ci/run runs those that must hold before a change lands.
export GOFLAGS ?= -buildvcs=false
export PATH := $(shell go env GOPATH)/bin:$(PATH)
SHELL := bash -euo pipefail

# The root module and the nested ones, each of which must also stand alone.
MODULES := $(shell git ls-files '*go.mod' | xargs -n1 dirname | sort)
FUZZTIME ?= 20000x
# Tests wait for leases, servers and processes more than they compute: packages side by side, one more than usual here.
SIDE ?= -p 3

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

.PHONY: build
build: ## compiles every module
	go build work

.PHONY: lint
lint: ## gofmt, vet, staticcheck, golangci-lint and tidy go.mod files, module by module
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not formatted: $$unformatted"; exit 1; }
	@for m in $(MODULES); do \
	  (cd "$$m" && go vet ./... && staticcheck ./... && golangci-lint run ./... && GOWORK=off go mod tidy -diff) || { echo "in $$m"; exit 1; }; \
	done

.PHONY: lint-workflows
lint-workflows: ## checks what .github holds
	actionlint

.PHONY: cross
cross: ## compiles and vets every package and test for other systems, and the core for 32 bits
	@for target in windows/amd64 darwin/arm64; do \
	  GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0 go vet work; echo "$$target"; \
	done
	@GOARCH=386 CGO_ENABLED=0 go vet ./...; echo "386"

.PHONY: test
test: ## every test of every module
	go test work

.PHONY: test-race
test-race: ## the same under the race detector
	go test -race $(SIDE) -timeout 15m work

.PHONY: test-alone
test-alone: ## each module without the others' sources beside it
	@for m in $(MODULES); do (cd "$$m" && GOWORK=off go test -short $(SIDE) -timeout 10m ./...); done

.PHONY: interop
interop: ## other people's suites against this library, and how many of their cases ran
	cd internal/interop && go test -v ./egress ./node ./signatures | grep -E '^(ok|FAIL|--- )|outside cases'

# A number of inputs, not a time: on a busy machine go test takes the end of its own time for a failure.
.PHONY: fuzz
fuzz: ## every fuzz target, FUZZTIME inputs each
	@git ls-files '*_test.go' | xargs grep -l '^func Fuzz' | while read -r file; do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$file"); do \
	    echo "$$target in $$(dirname "$$file")"; \
	    (cd "$$(dirname "$$file")" && go test -run '^$$' -fuzz "^$$target\$$" -fuzztime "$(FUZZTIME)" . >fuzz.out 2>&1 || { cat fuzz.out; exit 1; }; rm -f fuzz.out); \
	  done; \
	done

.PHONY: bench-once
bench-once: ## every benchmark once, to see that it runs
	go test -short -run '^$$' -bench . -benchtime 1x -timeout 10m work >/dev/null

.PHONY: bench
bench: ## the figures, beside peers; internal/bench/README.md says what they mean
	go run ./internal/bench -quick

.PHONY: storm
storm: ## the long storm of killed workers and databases
	cd internal/harness && go test -count=1 -timeout 60m -v -run 'TestSQLite|TestPostgres' . -long

.PHONY: release-check
release-check: ## packs every module and uses them from a module elsewhere
	go run ./internal/release check

.PHONY: readme
readme: ## the commands of README.md, as printed
	@commands=$$(sed -n '/^```sh$$/,/^```$$/p' README.md | grep '^go ' | grep -v '^go get' | sed 's/ *#.*//'); \
	[ "$$(printf '%s\n' "$$commands" | wc -l)" -ge 2 ]; \
	printf '%s\n' "$$commands" | while read -r command; do echo "\$$ $$command"; bash -c "$$command" </dev/null; done
