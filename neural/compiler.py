"""The Compiler: one object a process, safe in every thread, that joins the rooms and owns what they keep."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from neural.caches import MEGABYTE, Cache, CacheCounts, cache_counts, clear_caches
from neural.collecting import CollectingLater
from neural.cost.accounting import report as make_report
from neural.cost.accounting import report_again
from neural.cost.devices import Device, find_device
from neural.cost.memory import DTYPES, state_slots
from neural.cost.report import FRAMEWORKS, Framework, Report
from neural.errors import NeuralError
from neural.limits import DEFAULT_LIMITS, Limits
from neural.parser.parser import Parsed, parse
from neural.revisions import Analysis, Revision, RevisionKey, Values, edited, revision
from neural.shape_propagation.shape_propagator import ShapePropagator

if TYPE_CHECKING:
    from neural.code_generation.differences import Difference
    from neural.code_generation.forms import Form
    from neural.code_generation.writer import Generated
    from neural.verification.onnx_export import Exported
    from neural.verification.result import Verification


class Compiler:
    """Source text in, reports and code out. Results of the latest sources are kept, within bounds."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.propagator = ShapePropagator()
        # Measured: bytes of a whole, of a character of source as syntax, of a layer, of a character of code.
        self._parsed: Cache[str, Parsed] = Cache("syntax", 6 * MEGABYTE, lambda source, _: 1_024 + 48 * len(source))
        self._revisions: Cache[RevisionKey, Revision] = Cache("plans", 16 * MEGABYTE, lambda _, made: made.weight())
        self._reports: Cache[tuple[object, ...], Report] = Cache(
            "reports", 8 * MEGABYTE, lambda _, made: 2_048 + 1_600 * len(made.layers)
        )
        self._formatted: Cache[str, str] = Cache("formatted", MEGABYTE, lambda _, made: 1_024 + 2 * len(made))
        self._code: Cache[tuple[object, ...], Generated] = Cache(
            "code", 4 * MEGABYTE, lambda _, made: 1_024 + 14 * len(made.source)
        )

    def parse(self, source: str) -> Parsed:
        """Return the syntax of a source, what is wrong with it and its lines. Never raises for a bad program."""
        return self._parsed.get(source, lambda: parse(source, self.limits))

    def plan(
        self, source: str, *, network: str | None = None, values: Mapping[str, int | float] | None = None
    ) -> Analysis:
        """Return the plan of a source's first network, or of the one named. Never raises for a bad program."""
        return self._revision((source, network, _frozen(values))).analysis

    def _revision(self, key: RevisionKey) -> Revision:
        return self._revisions.get(key, lambda: self._after_an_edit(key) or self._whole(key))

    def _whole(self, key: RevisionKey) -> Revision:
        return revision(self.parse(key[0]), key, self.propagator, self.limits)

    def _after_an_edit(self, key: RevisionKey) -> Revision | None:
        """Return what an edit made of a source that was analysed lately, where one is near."""
        return edited(key, self._revisions.recent(), self.propagator, self.limits)

    def analyze(
        self,
        source: str,
        *,
        framework: Framework = "tensorflow",
        batch: int = 1,
        dtype: str = "float32",
        optimizer: str | None = None,
        values: Mapping[str, int | float] | None = None,
        network: str | None = None,
        device: str | None = None,
    ) -> Report:
        """Return the report of a source. Never raises for a bad program: its diagnostics say what is wrong.

        ``batch`` is at least 1; ``dtype`` one of float32, float16, bfloat16, float64, mixed; ``optimizer`` None is the
        program's own; ``values`` replace those of `let` constants; ``device`` is one of ``neural.cost.devices``, for
        times. Raises ``ValueError`` for settings outside these.
        """
        if framework not in FRAMEWORKS:
            raise ValueError(f"framework is one of {', '.join(FRAMEWORKS)}, got {framework!r}")
        if dtype not in DTYPES:
            raise ValueError(f"dtype is one of {', '.join(DTYPES)}, got {dtype!r}")
        if batch < 1:
            raise ValueError(f"batch is at least 1, got {batch}")
        optimizer = state_slots(optimizer)[0] if optimizer else None
        hardware = find_device(device) if device else None
        settings = (framework, batch, dtype, optimizer, hardware and hardware.key)
        key: RevisionKey = (source, network, _frozen(values))

        def make() -> Report:
            found = self._revision(key)
            return self._analyze_again(found, settings) or self._analyze(
                found.analysis, framework, batch, dtype, optimizer, hardware
            )

        with CollectingLater():
            return self._reports.get((*key, settings), make)

    def _analyze_again(self, found: Revision, settings: tuple[object, ...]) -> Report | None:
        """Return the report after an edit, made of the one before it, where there is one under the same settings."""
        origin, analysis = found.origin, found.analysis
        before = self._reports.peek((*origin.key, settings)) if origin else None
        if origin is None or before is None or analysis.plan is None:
            return None
        return report_again(before, analysis.plan, analysis.lines, analysis.diagnostics, origin.changed, origin.shift)

    def _analyze(
        self,
        analysis: Analysis,
        framework: Framework,
        batch: int,
        dtype: str,
        optimizer: str | None,
        device: Device | None,
    ) -> Report:
        if analysis.plan is None:
            name = optimizer or "Adam"
            return Report(None, framework, batch, dtype, name, diagnostics=analysis.diagnostics, device=device)
        return make_report(
            analysis.plan,
            analysis.lines,
            analysis.diagnostics,
            framework=framework,
            batch=batch,
            dtype=dtype,
            optimizer=optimizer,
            device=device,
        )

    def generate(
        self,
        source: str,
        *,
        backend: str,
        network: str | None = None,
        values: Mapping[str, int | float] | None = None,
    ) -> str:
        """Return a complete Python file that builds the network in "pytorch" or "tensorflow" (Keras).

        Raises ``NeuralError`` when the program has errors or holds what the backend cannot express.
        """
        return self.code(source, backend=backend, network=network, values=values).source

    def code(
        self,
        source: str,
        *,
        backend: str,
        network: str | None = None,
        values: Mapping[str, int | float] | None = None,
        script: bool = True,
    ) -> Generated:
        """Return the same file with the places of its statements; without ``script``, the model alone."""
        key = (source, backend, network, _frozen(values), script)
        return self._code.get(
            key, lambda: self._generate(self.plan(source, network=network, values=values), backend, script)
        )

    def _generate(self, analysis: Analysis, backend: str, script: bool) -> Generated:
        from neural.code_generation.emitter import generated

        if analysis.plan is None or not analysis.ok:
            raise NeuralError(analysis.diagnostics)
        return generated(analysis.plan, backend, analysis.lines, script=script)

    def verify(
        self,
        source: str,
        *,
        network: str | None = None,
        values: Mapping[str, int | float] | None = None,
        progress: Callable[[str], object] = lambda _: None,
    ) -> Verification:
        """Build the network in PyTorch and Keras, each in a process of its own, and compare what they compute.

        ``progress`` is told what is done. Raises ``NeuralError`` when the program has errors or a backend cannot
        express it, ``neural.verification.RefusalError`` when it cannot be verified (code of the program's own, too
        large), ``neural.verification.UnavailableError`` where the frameworks are not installed.
        """
        from neural.verification import verify

        analysis = self.plan(source, network=network, values=values)
        if analysis.plan is None or not analysis.ok:
            raise NeuralError(analysis.diagnostics)
        return verify(analysis.plan, analysis.lines, progress)

    def download(
        self,
        source: str,
        *,
        backend: str,
        form: str = "script",
        network: str | None = None,
        values: Mapping[str, int | float] | None = None,
    ) -> Form:
        """Return generated code as a file: form "model", "script", "notebook" or "project".

        Raises ``NeuralError`` as ``generate`` does.
        """
        from neural.code_generation.forms import make

        analysis = self.plan(source, network=network, values=values)
        if analysis.plan is None or not analysis.ok:
            raise NeuralError(analysis.diagnostics)
        return make(analysis.plan, backend, form, analysis.lines, source)

    def onnx(
        self, source: str, *, network: str | None = None, values: Mapping[str, int | float] | None = None
    ) -> Exported:
        """Return the network as an ONNX file, made by running its PyTorch code in this process.

        Raises ``NeuralError`` as ``generate`` does, and for what PyTorch's exporter cannot express;
        ``ModuleNotFoundError`` where PyTorch or ONNX are not installed.
        """
        from neural.verification.onnx_export import export

        analysis = self.plan(source, network=network, values=values)
        if analysis.plan is None or not analysis.ok:
            raise NeuralError(analysis.diagnostics)
        return export(analysis.plan, analysis.lines)

    def differences(
        self, source: str, *, network: str | None = None, values: Mapping[str, int | float] | None = None
    ) -> tuple[Difference, ...]:
        """Return what PyTorch does otherwise than Keras in a network without errors; nothing of one with errors."""
        from neural.code_generation.differences import differences

        analysis = self.plan(source, network=network, values=values)
        return differences(analysis.plan) if analysis.plan is not None and analysis.ok else ()

    def format(self, source: str) -> str:
        """Return a program in the canonical layout; raise ``NeuralError`` when it has syntax errors."""
        from neural.parser.formatter import format_source

        return self._formatted.get(source, lambda: format_source(source, self.parse(source), self.limits))

    def extract(self, source: str, network: str) -> str:
        """Return the text of one network of a source with what it needs; raise ``ValueError`` when there is none."""
        from neural.parser.selection import only

        program = self.parse(source).program
        if program is None or program.broken:
            raise ValueError("the source cannot be read")
        return only(source, program, network)

    def counts(self) -> dict[str, CacheCounts]:
        """Return hits, misses and sizes of every cache of the process, by name."""
        return cache_counts()

    def grammars_built(self) -> int:
        """Return how often this process has built a parser from the grammar."""
        # Asked without importing it: where tables were kept, right programs need no parser.
        grammar = sys.modules.get("neural.parser.grammar")
        return grammar.grammars_built() if grammar else 0

    def clear(self) -> None:
        """Empty every cache of the process."""
        clear_caches()


def _frozen(values: Mapping[str, int | float] | None) -> Values:
    return tuple(sorted((values or {}).items()))


@cache
def default_compiler() -> Compiler:
    """Return the process-wide compiler."""
    return Compiler()
