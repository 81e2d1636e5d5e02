"""Pictures of a schema: diagrams as SVG, Mermaid and DBML, and the HTML page of ``report``.

networkx and Jinja2, the packages of the extra ``report``, are imported by ``layout`` and ``templates`` only.
"""
