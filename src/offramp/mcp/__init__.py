"""Offramp as tools, resources and prompts for an assistant, over the Model Context Protocol."""
