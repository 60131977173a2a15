"""Time neural-dsl's parser in its own environment; run by ``peers.py`` with the texts as JSON on standard input.

The last line printed is JSON: seconds by name, and what of it does not work. What it prints itself goes nowhere.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import time

sys.path.append(sys.argv[1])
texts = json.load(sys.stdin)
seconds: dict[str, list[float]] = {}
broken: dict[str, str] = {}

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from neural.parser.parser import ModelTransformer, create_parser

    parser = create_parser("network")
    for name, text in texts.items():
        taken = []
        for _ in range(6):
            start = time.process_time()
            try:
                ModelTransformer().transform(parser.parse(text))
            except Exception as error:
                broken[name] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
                break
            taken.append(time.process_time() - start)
        if taken:
            seconds[name] = taken[1:]
    for name in ("shape_propagation.shape_propagator", "code_generation.code_generator"):
        try:
            importlib.import_module(f"neural.{name}")
        except Exception as error:
            broken[name] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
print(json.dumps({"seconds": seconds, "broken": broken}))
