# Every target says what it does; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help build run test race storm worlds fuzz generate page verify fmt bench bench-router

GO ?= go

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## build the one binary, ./souk
	$(GO) build -o souk .

run: build ## start the whole shop, with the servers it needs, the example storefront and the example CMS
	@$(GO) build -o .souk/bin/ ./examples/cms ./examples/storefront
	@./souk --beside .souk/bin/cms --subgraph cms=http://127.0.0.1:4005/graphql --storefront ".souk/bin/storefront --graph {graph}" $(ARGS)

test: build ## run all tests, with a PostgreSQL and a Redis of their own
	./souk with-servers -- $(GO) test -timeout 20m ./...

race: build ## run the tests of all packages under the race detector
	./souk with-servers -- $(GO) test -race $$($(GO) list ./... | grep -v /internal/e2e)

storm: ## crash, storm and take servers away for a minute while orders are placed, N times; SEED repeats a storm
	SOUK_OUTAGE=1m $(if $(SEED),SOUK_SEED=$(SEED)) $(GO) test -run 'TestCrash|TestStorm|TestRedisFails|TestOutages|TestRestore|TestParallel' -count=$(or $(N),1) -timeout 0 -v ./internal/e2e

worlds: ## hold the router against a monolith over N random graphs that compose, beginning at SEED
	SOUK_WORLDS=$(or $(N),10000) $(if $(SEED),SOUK_SEED=$(SEED)) $(GO) test -run TestWorlds -count=1 -timeout 0 -v ./router/federationtest

fuzz: ## run every fuzz target of the router for TIME, one after another
	@for package in $$($(GO) list ./router/...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(or $(TIME),10m) -parallel 1 $$package || exit 1; \
		done; \
	done

generate: ## write the generated code and compose the supergraph
	$(GO) run ./schema/generate

page: ## bundle the editor of the graph anew (needs node and npm)
	cd router/page/source && npm ci --no-audit --no-fund && node build.mjs

verify: generate ## fail if generated files, formatting or vet are not in order
	@changed=$$(git status --porcelain -- schema subgraphs); if [ -n "$$changed" ]; then echo "make generate changed files that are not committed:"; echo "$$changed"; git --no-pager diff --stat -- schema subgraphs; exit 1; fi
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...

fmt: ## format all Go files
	gofmt -w $$(git ls-files '*.go')

bench: build ## run the benchmarks beside the code
	./souk with-servers -- $(GO) test -run '^$$' -bench . -benchmem ./...

http-audit: build outside ## hold the router against the GraphQL over HTTP audit of graphql-http (needs node and npm)
	node $(OUTSIDE)/http-audit.mjs ./souk

compose-oracle: build outside ## hold our composition against other composers (needs node and npm)
	$(GO) build -o $(OUTSIDE)/.cache/outside ./$(OUTSIDE)
	node $(OUTSIDE)/compose-oracle.mjs ./souk $(ARGS)

# The programs of others that judge us are installed into a folder that is not committed.
OUTSIDE = router/federationtest/outside
.PHONY: outside http-audit compose-oracle
outside:
	@mkdir -p $(OUTSIDE)/.cache && cp $(OUTSIDE)/package.json $(OUTSIDE)/.cache/
	@cd $(OUTSIDE)/.cache && npm install --no-package-lock --no-audit --no-fund --silent

bench-router: build ## measure the router beside the least it could cost; PROFILE=dir also profiles it
	$(GO) run ./internal/bench run $(if $(PROFILE),-profile $(PROFILE)) $(ARGS)

.PHONY: docs pictures up down
docs: ## write the tables of settings into the documents
	$(GO) test ./internal/config -run TestTablesOfSettingsAreNew -update

pictures: build ## use the storefront and the editor with a browser, and keep how their pages look in docs/images
	./souk with-servers -- $(GO) test ./internal/e2e -run 'TestStorefront$$|TestEditor' -count=1 -args -pictures

up: ## run the shop in containers (needs Docker)
	docker compose up --build --detach --wait

down: ## stop the containers; their data stay
	docker compose down
