"""Tells behind how many lines of a script, whose path it is given, the first statement may stand.

The docstring and imports from __future__ have to be before it, comments (#!, encoding) too.
"""
import ast
import sys

with open(sys.argv[1], "rb") as file:
    data = file.read()
last = 0
for node in ast.parse(data).body:
    text = isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str) and last == 0
    if not text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
        break
    last = node.end_lineno
if last == 0:
    for line in data.splitlines()[:2]:
        if not line.startswith(b"#"):
            break
        last += 1
print(last)
