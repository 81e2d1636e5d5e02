"""One rule a module: its docstring is its page, ``judge(context)`` yields findings. Nothing is registered by hand."""
