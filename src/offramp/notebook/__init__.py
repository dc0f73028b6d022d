"""Offramp in a notebook: a crisis with sliders and levers beside its endings, in JupyterLab, VS Code and marimo."""
