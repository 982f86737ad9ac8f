# Thin on purpose: each target calls one program. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help bootstrap demo up down status logs clean token images test-stacks test test-crash test-parity test-ties test-integration fuzz-api lint format lock bench bench-flowdb bench-flowdb-settings bench-flowmachine bench-flowapi bench-planning bench-queries docs notebooks

SERVICES := flowkit-jwt-generator flowdb flowmachine flowapi native
NATIVE := deployment/native/.venv/bin/flowkit-native
CONTAINERS := deployment/containers/.venv/bin/flowkit-containers
TOOLS := tools/.venv/bin
# native: without Docker; compose: containers on this host
MODE := native

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z<>%-]+:.*## / {gsub("%", "<component>", $$1); printf "  %-20s %s\n", $$1, $$2}' Makefile

demo: ## Start FlowKit with synthetic data and run the worked example (N_SUBSCRIBERS, N_CALLS, N_SMS, N_DAYS)
	@tools/prepare $(SERVICES) demo
	@$(NATIVE) demo

ifeq ($(MODE),compose)
up down status logs clean token:
	@tools/prepare containers
	@$(CONTAINERS) $@ $(if $(filter clean,$@),$(if $(FORCE),--yes))
else
up: ## Start FlowKit in the background (MODE=compose: in containers; so for the next four)
	@tools/prepare $(SERVICES)
	@$(NATIVE) up

down: ## Stop what up or demo started, and nothing else
	@tools/prepare native
	@$(NATIVE) down

status: ## Show what runs, where, and whether it is well
	@tools/prepare native
	@$(NATIVE) status || [ $$? -eq 3 ]

logs: ## Follow the logs of all services
	@$(NATIVE) logs --follow

clean: ## Stop FlowKit and remove its data, after asking (FORCE=1: without asking)
	@tools/prepare native
	@$(NATIVE) clean $(if $(FORCE),--yes)

token: ## Print a token for the running API
	@$(NATIVE) token
endif

images: ## Build the images of containers, and print sizes and times
	@tools/prepare containers
	@$(CONTAINERS) images

test-stacks: ## Prove the quickstart, the stacks and compose on a Docker engine; prints a table of checks
	@tools/prepare containers
	@$(CONTAINERS) test-stacks

test: ## Run every component's tests, then the integration tests
	@tools/prepare tools
	@$(TOOLS)/flowkit-test

test-%: ## Run the tests of one component
	@tools/prepare tools
	@$(TOOLS)/flowkit-test --component $*

test-integration: ## Run the tests that drive all services together
	@tools/prepare tools
	@$(TOOLS)/flowkit-test --component integration

test-crash: ## Kill servers, database and Redis while clients submit (KILLS=200, SEED); takes 10 minutes
	@tools/prepare --for-tests flowmachine
	@cd flowmachine && KILLS="$(KILLS)" SEED="$(SEED)" .venv/bin/python -m tests.crash

test-parity: ## Compare answers with the published release over the same data (ARGS='flows --again')
	@tools/prepare --for-tests flowmachine integration
	@cd flowmachine && .venv/bin/python -m tests.parity $(ARGS)

test-ties: ## Show that answers differ from the published release only by ties (ARGS='--precision second')
	@tools/prepare --for-tests flowmachine integration
	@cd flowmachine && .venv/bin/python -m tests.parity.ties $(ARGS)

fuzz-api: ## Send requests made from the OpenAPI document to servers of their own, with every kind of token (REQUESTS=20000, SEED)
	@tools/prepare --for-tests integration
	@cd integration_tests && REQUESTS="$(REQUESTS)" SEED="$(SEED)" PYTHONPATH=tests .venv/bin/python -m fuzz

lint: ## Check style, types, layers, shell scripts and the rules of the repository
	@tools/prepare $$(awk '!/^#/ {print $$1}' tools/components.txt)
	@$(TOOLS)/flowkit-lint

format: ## Lay out the code and mend what can be mended without thought
	@tools/prepare tools
	@$(TOOLS)/ruff check --fix --quiet . || true
	@$(TOOLS)/ruff format .

bench: ## Time the worked queries on a running FlowKit
	@tools/prepare native benchmarks
	@$(NATIVE) bench

bench-flowdb: ## Time the making of synthetic data on a server of its own (ARGS='--events 1000000 --days 1')
	@tools/prepare flowdb benchmarks
	@cd benchmarks && .venv/bin/python -m flowkit_benchmarks.synthetic_data $(ARGS)

bench-flowdb-settings: ## Time what FlowDB's server settings buy, on a FlowDB of its own; takes an hour
	@tools/prepare benchmarks
	@benchmarks/.venv/bin/flowkit-bench-flowdb-settings

bench-flowmachine: ## Measure FlowMachine servers of their own against the targets (ARGS='--rounds 3 --json FILE')
	@tools/prepare flowdb flowmachine benchmarks
	@cd benchmarks && .venv/bin/python -m flowkit_benchmarks.engine $(ARGS)

bench-flowapi: ## Measure FlowAPI next to a bare route and psql, on servers of its own (ARGS='--rounds 5 --json FILE')
	@tools/prepare flowdb flowmachine flowapi benchmarks
	@cd benchmarks && .venv/bin/python -m flowkit_benchmarks.api $(ARGS)

bench-planning: ## Time the planning of every example spec, without a database (ARGS='--rounds 50')
	@tools/prepare --for-tests flowmachine
	@cd flowmachine && .venv/bin/python -m tests.planning $(ARGS)

bench-queries: ## Time queries next to SQL by hand, on servers of their own; takes half an hour (ARGS='--rounds 1 --json FILE')
	@tools/prepare flowdb flowmachine benchmarks
	@cd benchmarks && .venv/bin/python -m flowkit_benchmarks.queries $(ARGS)

docs: ## Build the documentation into site; warnings are errors
	@tools/prepare docs
	@cd docs && NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet && echo "Built site/index.html"

notebooks: ## Run the notebooks of the documentation again, on a running demo
	@tools/prepare native docs
	@PYTHONWARNINGS="ignore:IProgress not found" $(NATIVE) exec -- docs/.venv/bin/jupyter nbconvert --to notebook --execute --inplace \
	    --ClearMetadataPreprocessor.enabled=True docs/pages/*/*.ipynb

bootstrap: ## Install what this machine lacks and make every component's environment
	@tools/prepare $$(awk '!/^#/ {print $$1}' tools/components.txt)

lock: ## Renew the hashed locks of all components
	@tools/prepare tools
	@PATH="$$(readlink -f $${FLOWKIT_HOME:-.flowkit})/tools/bin:$$PATH" $(TOOLS)/flowkit-lock
