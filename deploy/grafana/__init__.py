"""The Grafana boards as code: what they ask, how they look, and how they reach a running Grafana.

One module a board; `catalogue.py` lists them; `python -m deploy.grafana` writes their JSON to boards/.
"""
