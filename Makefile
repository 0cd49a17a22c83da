# Everything this project does, by name; `make` alone prints the names. Each target sets up the machine first.
PYTHON ?= python3
N ?= 3
RUN := .venv/bin/python
PYTEST := .venv/bin/pytest
.DEFAULT_GOAL := help
# Compiled modules are kept in one place even where the environment wants none: without them every process of the demo
# and of the tests, some hundreds, compiles two thousand modules again, half of its start
export PYTHONPYCACHEPREFIX := $(CURDIR)/.local/bytecode
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup demo demo-check demo-clean test check unit faults vectors properties bench boards contracts lock up down

help: ## 列出这些目标 print these targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

setup:
	@$(PYTHON) -m deploy.bootstrap environment
setup-demo:
	@$(PYTHON) -m deploy.bootstrap demo
setup-test:
	@$(PYTHON) -m deploy.bootstrap test
.PHONY: setup-demo setup-test

demo: setup-demo ## 演示:真实部件、延时回放,Ctrl-C 结束并保留数据 replay the programme, then stay up
	@exec $(RUN) -m deploy.demo

demo-check: setup-demo ## 同一演示不等待,另行核算全部数字 the same without the wait, every figure recounted
	@exec $(RUN) -m deploy.demo --check

demo-clean: ## 删除演示数据 remove the demo's data
	@$(PYTHON) -m deploy.local.clean

test: setup-test ## 检查与全部测试 lint, types, imports, then all tests on real servers
	@exec $(RUN) -m tests

check: setup ## ruff、mypy、import-linter
	@exec $(RUN) -m tests --check

unit: setup ## 单元与契约测试 unit and contract tests
	@exec $(PYTEST) -q tests/unit tests/contract

faults: setup-test ## 故障测试 N 轮 each fault N times: make faults N=10
	@exec env LIANGSHAI_FAULT_ROUNDS=$(N) $(PYTEST) -v tests/faults

vectors: setup ## 向量测试 the domain's vectors: make vectors LIANGSHAI_VECTORS=file
	@exec $(PYTEST) -q -rx tests/vectors/test_vectors.py

properties: setup ## 随机历史的性质测试 random histories through the rules: make properties N=100000
	@exec env LIANGSHAI_PROPERTIES=$(N) $(PYTEST) -q --timeout 0 tests/unit/properties

bench: setup-test ## 测量 push → gauge, push → feed message, rates, first bytes of the pages
	@for file in tests/bench/bench_*.py; do $(RUN) -m tests.bench.$$(basename $$file .py) || exit 1; done

boards: setup ## 由代码生成 Grafana 看板 write the boards' JSON from their code
	@exec $(RUN) -m deploy.grafana

contracts: setup ## 生成 JSON Schema、OpenAPI、AsyncAPI regenerate what is generated
	@exec $(RUN) -m contracts.describe

lock: setup ## 更新依赖锁 write the hashed locks: UPGRADE=1 takes newer releases
	@sh deploy/requirements/lock.sh

up: ## 以容器运行 the same in containers (docker compose; needs .env, see .env.example)
	docker compose up --build --detach --wait

down: ## 停止容器,保留数据 stop the containers, keep the data
	docker compose down
