# Every target says what it does; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help build run test race generate verify fmt bench

GO ?= go

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## build the one binary, ./souk
	$(GO) build -o souk .

run: build ## start the whole shop, with the servers it needs
	@./souk $(ARGS)

test: build ## run all tests, with a PostgreSQL and a Redis of their own
	./souk with-servers -- $(GO) test ./...

race: build ## run the tests of all packages under the race detector
	./souk with-servers -- $(GO) test -race $$($(GO) list ./... | grep -v /internal/e2e)

generate: ## write the generated code and compose the supergraph
	$(GO) run ./schema/generate

verify: generate ## fail if generated files, formatting or vet are not in order
	@changed=$$(git status --porcelain -- schema subgraphs); if [ -n "$$changed" ]; then echo "make generate changed files that are not committed:"; echo "$$changed"; git --no-pager diff --stat -- schema subgraphs; exit 1; fi
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...

fmt: ## format all Go files
	gofmt -w $$(git ls-files '*.go')

bench: build ## run the benchmarks beside the code
	./souk with-servers -- $(GO) test -run '^$$' -bench . -benchmem ./...
