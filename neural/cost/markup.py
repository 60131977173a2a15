"""A report as markup for a document: Markdown and LaTeX, every text escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from neural.cost.report import Report
from neural.cost.tables import NUMBERS, cells_of, count, duration, headings, size, totals
from neural.terminal import shown

#: What has a meaning in Markdown; an underscore has none inside a word.
_MARKDOWN: Final = re.compile(r"[\\|*`\[\]~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_HTML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "µ": r"\textmu{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def as_markdown(report: Report) -> str:
    """Return the layers as a Markdown table, the totals below it."""
    heads = headings(report)
    rule = "".join("--:|" if number in NUMBERS else "---|" for number in range(len(heads)))
    lines = [_row(heads), f"|{rule}"]
    lines += [_row(cells_of(layer, report)) for layer in report.layers]
    return "\n".join([*lines, "", *(f"- {name}: {markdown(value)}" for name, value in totals(report))]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(markdown, cells)) + " |"


def markdown(text: str) -> str:
    """Return text that Markdown takes for text only, on one line."""
    escaped = "".join(_HTML.get(character, character) for character in shown(text))
    return _MARKDOWN.sub(lambda match: f"\\{match[0]}", escaped)


def as_latex(report: Report) -> str:
    """Return the layers as a LaTeX table with the totals in its last row, by the package ``booktabs``."""
    heads, sums = headings(report), report.totals
    columns = "".join("r" if number in NUMBERS else "l" for number in range(len(heads)))
    last = ["Total", "", "", count(sums.parameters), count(sums.flops), size(sums.weight_bytes)]
    last += [size(sums.activation_bytes), "", *([duration(sums.time), ""] if report.device else [])]
    lines = [
        r"% needs \usepackage{booktabs,textcomp}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex(report.network or 'Network')} ({latex(report.convention)}).}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _latex_row(heads),
        r"\midrule",
        *(_latex_row(cells_of(layer, report)) for layer in report.layers),
        r"\midrule",
        _latex_row(last),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(latex, cells)) + r" \\"


def latex(text: str) -> str:
    """Return text that LaTeX sets as text only, on one line."""
    return "".join(_LATEX.get(character, character) for character in shown(text))
