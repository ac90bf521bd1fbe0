SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: ## install what package-lock.json names, if it is not there, and make sure that Node runs TypeScript
	@node scripts/setup.cjs

.PHONY: demo
demo: setup ## run the main job: examples/quickstart, 28 checks, and what came back and why
	@node examples/demo.ts

.PHONY: dev
dev: setup ## run examples/quickstart until Ctrl-C and print curl lines to paste
	@node examples/demo.ts --stay

.PHONY: test
test: setup ## every layer that needs only Node, npm, git and make
	@node scripts/run.ts test

.PHONY: test-apiserver
test-apiserver: setup ## CRDs, CEL rules, status and Events on a real kube-apiserver and etcd, and h2spec; needs Go
	@node scripts/run.ts apiserver

.PHONY: test-charts
test-charts: setup ## the charts as Helm renders them, and a real kube-apiserver on what they render; needs Go
	@node scripts/run.ts charts

.PHONY: test-store
test-store: setup ## shared quotas on real Redis servers: alone, behind Sentinels and as a Cluster; needs redis-server
	@node scripts/run.ts store

.PHONY: test-e2e
test-e2e: setup ## controller and three data planes on a real API server; needs Go, root and iproute2
	@node scripts/run.ts e2e

.PHONY: test-node
test-node: setup ## a whole cluster of one node; needs Go, root, nftables, libseccomp-dev, pkg-config, gcc, iproute2, promtool and redis-server
	@node scripts/run.ts node

.PHONY: node-up
node-up: setup ## start such a cluster and keep it; says how to use it
	@node test/cluster/node.ts up

.PHONY: node-down
node-down: setup ## end it
	@node test/cluster/node.ts down

.PHONY: check
check: setup ## all gates and all layers, small parameters: what CI runs
	@node scripts/run.ts check

.PHONY: check-rest
check-rest: setup ## what `make check` runs beyond `make test`
	@node scripts/run.ts rest

.PHONY: lint
lint: setup ## types, lint rules, format, direction rules, unused code, lock file, forbidden text
	@node scripts/run.ts lint

.PHONY: format
format: setup ## write every file in the one format
	@prettier --write --log-level=warn .

.PHONY: generate
generate: setup ## write the CRDs, their chart and the reference from their source
	@node crds/generate.ts

.PHONY: verify
verify: setup ## fail when a generated file differs from its source, and print what the CEL rules cost; needs Go
	@node crds/generate.ts --check
	@node crds/cost.ts

.PHONY: images
images: setup ## dist/images/*.tar: OCI archives of controller and data plane, without a registry
	@node scripts/images/images.ts

.PHONY: bench
bench: setup ## CPU, rates, latencies and memory beside Envoy, nginx, haproxy and Node's proxies; fetches them
	@node bench/bench.ts

.PHONY: proof-cost
proof-cost: setup ## what policies cost a request, beside the same route without them
	@node bench/proof-cost.ts

.PHONY: proof-tenants
proof-tenants: setup ## what a hostile tenant tries with kubectl, and the answer to each; needs Go and root
	@COLUMNS=400 test/e2e/namespace.sh vitest run --project e2e test/e2e/tenants.test.ts --reporter=verbose

.PHONY: proof-propagation
proof-propagation: setup ## from kubectl apply to the first changed answer on the slowest of three data planes; needs Go and root
	@test/e2e/namespace.sh node test/e2e/propagation.ts

.PHONY: proof-scale
proof-scale: setup ## 5,000 routes and policies on etcd and kube-apiserver: readiness, memory, edits, status writes; needs Go and root
	@test/e2e/namespace.sh node test/e2e/scale.ts

.PHONY: proof-loss
proof-loss: setup ## requests lost on a real node while Pods restart, scale, end and change; needs what test-node needs
	@node test/node/proof-loss.ts

.PHONY: proof-drain
proof-drain: setup ## WebSockets, calls of gRPC and downloads on a real node while data planes are replaced; needs what test-node needs
	@node test/node/proof-drain.ts

.PHONY: proof-outage
proof-outage: setup ## two minutes without API server and controllers on a real node; needs what test-node needs
	@node test/node/proof-outage.ts

.PHONY: proof-swap
proof-swap: setup ## 200 swaps at 200 requests a second: no failure, no mixture
	@node test/load/proof-swap.ts

.PHONY: proof-leaks
proof-leaks: setup ## 100,000 aborted requests, 20,000 WebSockets, 1,000 slow clients and 10,000 upstream failures leave nothing behind
	@node test/load/proof-leaks.ts

.PHONY: proof-resilience
proof-resilience: setup ## what clients and backends get while breakers, retries, ejection, slow start and shedding act
	@node test/load/proof-resilience.ts

.PHONY: proof-hostile
proof-hostile: setup ## how long a tenant waits while another writes and sends the worst that it can
	@node test/load/proof-hostile.ts

.PHONY: proof-quotas
proof-quotas: setup ## what quotas hold and cost
	@node test/load/proof-quotas.ts

.PHONY: proof-disasters
proof-disasters: setup ## what shared quotas come to while their store is killed, frozen, restarted, failed over, read-only or full
	@node test/load/proof-disasters.ts

.PHONY: proof-abuse
proof-abuse: setup ## what guessing from many addresses, spraying one client and a stolen credential come to, and what is told of it
	@node test/load/proof-abuse.ts

.PHONY: proof-tls
proof-tls: setup ## what testssl.sh finds at a listener; needs Debian's package testssl.sh
	@node test/load/proof-tls.ts

.PHONY: proof-routes
proof-routes: setup ## 10,000 routes on 1,000 hosts: what a request costs, and how long an edit keeps others waiting
	@node test/load/proof-routes.ts

.PHONY: proof-images
proof-images: setup ## size of the images, and how bundles start beside the sources
	@node test/load/proof-images.ts

.PHONY: proof-mutants
proof-mutants: setup ## each check replaced by "pass" turns at least one attack case red
	@node test/attack/proof-mutants.ts

.PHONY: proof-flaws
proof-flaws: setup ## the catalogue of flaws that others had: a row for each, its cases, and how many pass
	@node test/attack/proof-flaws.ts

.PHONY: proof-agreement
proof-agreement: setup ## 2,000 random pairs of policies and request: model, explain and live data plane agree
	@node test/load/proof-agreement.ts

.PHONY: clean
clean: ## remove what was installed and built
	rm -rf node_modules dist .gatehouse
