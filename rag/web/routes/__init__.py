"""The addresses that are served without Gradio: pages that need no script, downloads, feeds.

Each module has a function `register(app, site)` that adds its addresses to an app.
"""
