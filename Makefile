export GOTOOLCHAIN = auto
export CGO_ENABLED ?= 0
GO = go
FUZZTIME ?= 5s
SYSTEMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: build demo test race lint fuzz bench vectors mutants mutate conditions interop produce oracle cross check

build:    ## ./bin/tamga
	$(GO) build -trimpath -buildvcs=false -ldflags="-s -w" -o bin/tamga ./cmd/tamga
demo: build    ## a tour: serve, sign, issue, verify
	sh cmd/tamga/demo.sh
test:    ## everything, nothing else to install
	$(GO) test ./...
race:    ## the short ones under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short ./...
lint:    ## format, vet, staticcheck, known vulnerabilities
	sh .ci/lint
fuzz:    ## each fuzz target for $(FUZZTIME)
	sh .ci/fuzz $(FUZZTIME)
bench:    ## NAME ratio goal ok|short
	$(GO) run ./cmd/internal/bench
vectors:    ## NAME cases agreed excepted failed
	$(GO) run ./cmd/internal/vectors
mutants:    ## a million changed documents, none of which may pass
	$(GO) run ./cmd/internal/mutants -n 1000000
mutate:    ## ten million
	$(GO) run ./cmd/internal/mutants -n 10000000
conditions:    ## conditions on the accept path that no test would miss
	$(GO) run ./cmd/internal/conditions $(ARGS)
interop:    ## judges other than us; installs what it needs (Debian, npm)
	sh .ci/interop/run
produce:    ## 300 PDFs of 15 makers and more, signed at every level, before other judges (20 minutes)
	.ci/produce/run
oracle:    ## what EU DSS says of the corpora, anew, into testdata/oracle
	.ci/oracle/run
cross:    ## builds for every system, twice to the same bytes
	sh .ci/cross $(SYSTEMS)
check: lint race cross fuzz vectors mutants bench    ## all that must hold before a release
