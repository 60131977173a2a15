"""The training part of a PyTorch file: a plain loop, with Keras's meaning of losses, optimizers and schedules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neural.code_generation.emitter import Refusals, UnsupportedError
from neural.code_generation.pytorch_masks import masked
from neural.code_generation.training import DATA_NAMES, Head, Recipe, Source, recipe_of, write_data
from neural.code_generation.training_losses import AUC, channels_first, loss, metric
from neural.code_generation.training_optimizers import clipping, decay_of, optimizer_call, schedule
from neural.code_generation.training_options import command_line, signature
from neural.code_generation.training_text import display, plain_word
from neural.code_generation.writer import Code, Names, Writer, call, literal
from neural.layers.base import Layer
from neural.layers.regularization import ActivityRegularization
from neural.layers.wrappers import TimeDistributed
from neural.network import Setting
from neural.shape_propagation.plan import Plan

#: Names at the top level of files that train, for no class to take.
TRAINING_NAMES = (
    *DATA_NAMES,
    *("DataLoader", "Iterator", "Sequence", "Subset", "TensorDataset", "auc", "evaluate", "forward"),
    *("learning_rate", "loss_function", "make_dataset", "math", "measure", "os", "progress", "sys"),
)

_DEVICES = {"cpu": "cpu", "gpu": "cuda", "cuda": "cuda", "mps": "mps", "xpu": "xpu"}
_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_PURE = ("float16", "bfloat16", "float64")


def write_training(writer: Writer, plan: Plan, refusals: Refusals) -> None:
    """Write the data, the loss, ``train`` and the command line, or report what cannot be trained."""
    with refusals.of(plan.steps[-1]):
        recipe = recipe_of(plan)
        if not masked(plan.live()).isdisjoint(plan.network.outputs):
            raise UnsupportedError(
                "the loss leaves out what Masking marks in Keras, and PyTorch hands no mask on to it",
                "leave Masking out, or generate code for TensorFlow",
            )
        _Training(writer, recipe, pytorch_device(recipe), has_penalties(plan)).write()


def has_penalties(plan: Plan) -> bool:
    """Whether a layer of the network adds to the loss of training."""
    return any(has_penalty(step.layer) for step in plan.live())


def has_penalty(layer: Layer) -> bool:
    """Whether a layer adds to the loss of training."""
    inner = layer.layer if isinstance(layer, TimeDistributed) else layer
    return isinstance(inner, ActivityRegularization) and bool(inner.l1 or inner.l2)


def pytorch_device(recipe: Recipe) -> str | None:
    """Return the device as PyTorch names it, or None where the best one is taken."""
    name, _, index = recipe.device.partition(":")
    if name == "auto":
        return None
    if name not in _DEVICES:
        raise UnsupportedError(
            f"PyTorch itself does not train on {name}", 'use device: "auto", or a package such as XLA'
        )
    return _DEVICES[name] + (f":{index}" if index else "")


class _Training:
    """The parts of one file, in order."""

    def __init__(self, writer: Writer, recipe: Recipe, device: str | None, penalties: bool) -> None:
        self.writer = writer
        self.penalties = penalties
        self.recipe = recipe
        self.device = device
        self.optimizer = optimizer_call(recipe.optimizer)
        rate = recipe.optimizer.arguments.get("learning_rate")
        self.schedule = rate if isinstance(rate, Setting) else None
        self.mixed = _MIXED.get(recipe.precision)
        self.pure = recipe.precision if recipe.precision in _PURE else None
        self.scaled = self.mixed == "float16"
        self.has_metrics = any(head.metrics for head in recipe.heads)

    def write(self) -> None:
        """Write everything."""
        self.writer.use("import torch", "from torch import Tensor, nn")
        self.writer.use("from torch.utils.data import DataLoader, TensorDataset")
        write_data(self.writer, self.recipe)
        self._dataset()
        if self._casts:
            self._forward()
        self._loss()
        if self.has_metrics:
            self._metrics()
        self._evaluate()
        if self.schedule:
            self._schedule(self.schedule)
        self._train()
        self._main()

    @property
    def _casts(self) -> bool:
        """Whether results come in a narrow type that the loss is not computed in."""
        return self.mixed is not None or self.pure in ("float16", "bfloat16")

    # --- data ---

    def _dataset(self) -> None:
        kind = "np.ndarray" if self.recipe.single else "list[np.ndarray]"
        note = "" if not self._any_map() else ", maps and volumes with their channels first"
        self.writer.section()
        with self.writer.block(f"def make_dataset(x: {kind}, y: {kind}) -> TensorDataset:"):
            self.writer.line(f'"""Return the arrays as tensors{note}."""')
            self.writer.line(call("return TensorDataset", [Code(text) for text in self._tensors()]))

    def _any_map(self) -> bool:
        dense = [head.shape for head in self.recipe.heads if not head.sparse]
        return any(map(channels_first, (*(source.shape for source in self.recipe.sources), *dense)))

    def _tensors(self) -> Iterator[str]:
        """Yield the tensor of each input, then of each target, from the arrays ``x`` and ``y``."""
        for index, source in enumerate(self.recipe.sources):
            array = "x" if self.recipe.single else f"x[{index}]"
            yield f"torch.from_numpy({array}){self._cast(source)}" + _moved(source)
        for index, head in enumerate(self.recipe.heads):
            array = "y" if self.recipe.single else f"y[{index}]"
            if head.sparse:
                yield f"torch.from_numpy({array}).long()"
                continue
            column = ".reshape(-1, 1)" if head.shape == (1,) else ""
            cast = ".double()" if self.pure == "float64" else ".float()"
            yield f"torch.from_numpy({array}){cast}{column}{_moved(head)}"

    def _cast(self, source: Source) -> str:
        if source.dtype == "bool":
            return ""
        if source.bound is not None:
            return ".long()"
        return f".to(torch.{self.pure})" if self.pure else ".float()"

    # --- what is computed of a batch ---

    def _forward(self) -> None:
        several = len(self.recipe.heads) > 1
        result = "tuple[Tensor, ...]" if several else "Tensor"
        self.writer.section()
        with self.writer.block(f"def forward(model: nn.Module, *inputs: Tensor) -> {result}:"):
            self.writer.line('"""Return the results of the network in float32."""')
            if self.mixed:
                head = f"with torch.autocast(inputs[0].device.type, dtype=torch.{self.mixed}):"
                with self.writer.block(head):
                    self.writer.line("results = model(*inputs)")
            else:
                self.writer.line("results = model(*inputs)")
            several_text = "tuple(result.float() for result in results)"
            self.writer.line(f"return {several_text if several else 'results.float()'}")

    def _run(self, inputs: str) -> str:
        return f"forward(model, {inputs})" if self._casts else f"model({inputs})"

    @property
    def _arguments(self) -> str:
        if len(self.recipe.heads) == 1:
            return "output: Tensor, target: Tensor"
        self.writer.use("from collections.abc import Sequence")
        return "outputs: Sequence[Tensor], targets: Sequence[Tensor]"

    def _heads(self) -> Iterator[Head]:
        """Yield each output, its tensors in the variables ``output`` and ``target``."""
        for index, head in enumerate(self.recipe.heads):
            if len(self.recipe.heads) > 1:
                self.writer.line(f"output, target = outputs[{index}], targets[{index}]")
            yield head

    def _lines(self, lines: Sequence[str]) -> str:
        """Write the statements before an expression, and ask for what it uses; return the expression."""
        for module, statement in (("F.", "import torch.nn.functional as F"), ("math.", "import math")):
            if any(module in line for line in lines):
                self.writer.use(statement)
        if "auc(" in lines[-1]:
            self.writer.helper(AUC)
        self.writer.lines(lines[:-1])
        return lines[-1]

    def _loss(self) -> None:
        self.writer.section()
        with self.writer.block(f"def loss_function({self._arguments}) -> Tensor:"):
            self.writer.line('"""Return the loss of a batch."""')
            for index, head in enumerate(self._heads()):
                text = self._lines(loss(head))
                self.writer.line(f"return {text}" if len(self.recipe.heads) == 1 else f"loss_{index} = {text}")
            if len(self.recipe.heads) > 1:
                self.writer.line("return " + " + ".join(f"loss_{index}" for index in range(len(self.recipe.heads))))

    def _metrics(self) -> None:
        names = Names(("output", "outputs", "target", "targets", "hits", "best", "found", "there", *TRAINING_NAMES))
        found: list[str] = []
        self.writer.section()
        with self.writer.block(f"def measure({self._arguments}) -> dict[str, Tensor]:"):
            self.writer.line('"""Return the metrics over many samples."""')
            for head in self._heads():
                for setting in head.metrics:
                    variable = names.take(setting.name)
                    self.writer.line(f"{variable} = {self._lines(metric(head, setting))}")
                    prefix = "" if len(self.recipe.heads) == 1 else f"{plain_word(head.key)}_"
                    found.append(f'"{prefix}{setting.name}": {variable}')
            self.writer.lines(display("return {", found, "}", 4))

    def _evaluate(self) -> None:
        count = len(self.recipe.sources)
        self.writer.section()
        self.writer.line("@torch.no_grad()")
        with self.writer.block("def evaluate(model: nn.Module, loader: DataLoader, device: str) -> dict[str, float]:"):
            self.writer.line('"""Return the loss and the metrics over a data set."""')
            self.writer.line("model.eval()")
            if self.recipe.single:
                self._evaluate_single()
            else:
                self._evaluate_several(count)
            arguments = "output, target" if len(self.recipe.heads) == 1 else "outputs, targets"
            self.writer.line(f'measured = {{"loss": loss_function({arguments})}}')
            if self.has_metrics:
                self.writer.line(f"measured |= measure({arguments})")
            self.writer.line("return {name: float(value) for name, value in measured.items()}")

    def _evaluate_single(self) -> None:
        self.writer.line(f"results = [({self._run('x.to(device)')}, y.to(device)) for x, y in loader]")
        self.writer.line("output = torch.cat([result for result, _ in results])")
        self.writer.line("target = torch.cat([wanted for _, wanted in results])")

    def _evaluate_several(self, count: int) -> None:
        one = len(self.recipe.heads) == 1
        self.writer.line("results = []")
        with self.writer.block("for batch in loader:"):
            self.writer.line("batch = [tensor.to(device) for tensor in batch]")
            run = self._run(f"*batch[:{count}]")
            self.writer.line(
                f"results.append(({run}, batch[{count}]))" if one else f"results.append((*{run}, *batch[{count}:]))"
            )
        if one:
            self.writer.line("output, target = (torch.cat(parts) for parts in zip(*results))")
            return
        self.writer.line("parts = [torch.cat(part) for part in zip(*results)]")
        heads = len(self.recipe.heads)
        self.writer.line(f"outputs, targets = parts[:{heads}], parts[{heads}:]")

    # --- the loop ---

    def _schedule(self, setting: Setting) -> None:
        self.writer.section()
        with self.writer.block("def learning_rate(step: float) -> float:"):
            self.writer.line('"""Return the learning rate of a step, counted from 0."""')
            self.writer.line(self._lines(schedule(setting)))

    def _progress(self) -> None:
        self.writer.use("import sys", "from collections.abc import Iterator")
        self.writer.section()
        with self.writer.block("def progress(loader: DataLoader, title: str) -> Iterator[list[Tensor]]:"):
            self.writer.line('"""Yield the batches of an epoch; on a terminal, draw a bar of those that are done."""')
            with self.writer.block("for done, batch in enumerate(loader, 1):"):
                self.writer.line("yield batch")
                with self.writer.block("if sys.stderr.isatty():"):
                    self.writer.line('bar = "=" * (40 * done // len(loader))')
                    self.writer.line('end = "\\n" if done == len(loader) else ""')
                    self.writer.line('print(f"\\r{title} [{bar:40}]", end=end, file=sys.stderr, flush=True)')

    def _train(self) -> None:
        self._progress()
        with signature(self.writer, self.recipe, "nn.Module", {"device": self.device}):
            self._prepared()
            self._resumed()
            with self.writer.block("for epoch in range(first, epochs + 1):"):
                self.writer.line("torch.manual_seed(seed + epoch)", "so that a resumed epoch draws the same")
                self.writer.line("model.train()")
                self._batches()
                source = "held_out" if self.recipe.settings["validation_split"] else "loader"
                self.writer.line(f"measured = evaluate(model, {source}, device)")
                self.writer.line('words = [f"{name} {value:.4f}" for name, value in measured.items()]')
                self.writer.line('print(f"epoch {epoch}/{epochs}:", ", ".join(words))')
                self._saved()
            self.writer.line("return model")

    def _prepared(self) -> None:
        if self.device is None:
            self.writer.line("accelerator = torch.accelerator.current_accelerator(check_available=True)")
            self.writer.line('device = device or str(accelerator or "cpu")')
        self.writer.line("torch.manual_seed(seed)")
        self._loaders()
        cast = f"device, torch.{self.pure}" if self.pure else "device"
        self.writer.line(f"model = build_model().to({cast})")
        self.writer.line(f"optimizer = {self.optimizer}")
        if self.scaled:
            self.writer.line("scaler = torch.amp.GradScaler(torch.device(device).type)")

    @property
    def _kept(self) -> list[str]:
        """The variables whose state a checkpoint holds."""
        return ["model", "optimizer", *(["scaler"] if self.scaled else [])]

    def _resumed(self) -> None:
        self.writer.line("first = 1")
        with self.writer.block("if checkpoint and resume:"):
            self.writer.line("saved = torch.load(checkpoint, map_location=device)")
            self.writer.lines(f'{name}.load_state_dict(saved["{name}"])' for name in self._kept)
            self.writer.line('first = saved["epoch"] + 1')
        if self.schedule:
            self.writer.line("step = (first - 1) * len(loader)")

    def _saved(self) -> None:
        self.writer.use("import os")
        with self.writer.block("if checkpoint:"):
            self.writer.line('state = {"epoch": epoch, "model": model.state_dict()}')
            self.writer.lines(f'state["{name}"] = {name}.state_dict()' for name in self._kept[1:])
            self.writer.line('torch.save(state, f"{checkpoint}.part")')
            self.writer.line('os.replace(f"{checkpoint}.part", checkpoint)')

    def _loaders(self) -> None:
        settings = self.recipe.settings
        shuffle = ", shuffle=True" if settings["shuffle"] else ""
        self.writer.line("dataset = make_dataset(*(load_data(data) if data else make_data()))")
        if not settings["validation_split"]:
            self.writer.line(f"loader = DataLoader(dataset, batch_size{shuffle})")
            return
        self.writer.use("from torch.utils.data import Subset")
        self.writer.line(f"split = int(len(dataset) * (1 - {literal(settings['validation_split'])}))")
        self.writer.line("part = Subset(dataset, range(split))")
        self.writer.line(f"loader = DataLoader(part, batch_size{shuffle})")
        self.writer.line("part = Subset(dataset, range(split, len(dataset)))")
        self.writer.line("held_out = DataLoader(part, batch_size)")

    def _batches(self) -> None:
        count, single = len(self.recipe.sources), self.recipe.single
        bar = 'progress(loader, f"epoch {epoch}/{epochs}")'
        with self.writer.block(f"for {'x, y' if single else 'batch'} in {bar}:"):
            if single:
                self.writer.line("x, y = x.to(device), y.to(device)")
            else:
                self.writer.line("batch = [tensor.to(device) for tensor in batch]")
            if self.schedule:
                with self.writer.block("for group in optimizer.param_groups:"):
                    self.writer.line('group["lr"] = learning_rate(step)')
                self.writer.line("step += 1")
            target = f"batch[{count}]" if len(self.recipe.heads) == 1 else f"batch[{count}:]"
            run, target = (self._run("x"), "y") if single else (self._run(f"*batch[:{count}]"), target)
            self.writer.line("optimizer.zero_grad()")
            self.writer.line(f"loss = loss_function({run}, {target})")
            if self.penalties:
                test = "if isinstance(module, ActivityRegularization):"
                with self.writer.block("for module in model.modules():"), self.writer.block(test):
                    self.writer.line("loss = loss + module.penalty")
            self._update()

    def _update(self) -> None:
        self.writer.line("scaler.scale(loss).backward()" if self.scaled else "loss.backward()")
        clips = list(clipping(self.recipe.optimizer))
        if clips and self.scaled:
            self.writer.line("scaler.unscale_(optimizer)")
        self.writer.lines(clips)
        self._decay()
        self.writer.lines(["scaler.step(optimizer)", "scaler.update()"] if self.scaled else ["optimizer.step()"])

    def _decay(self) -> None:
        """Write decoupled weight decay where PyTorch's optimizer has none."""
        decay = decay_of(self.recipe.optimizer)
        if decay is None:
            return
        with self.writer.block("with torch.no_grad():"), self.writer.block("for weight in model.parameters():"):
            self.writer.line(f'weight.mul_(1 - {literal(decay)} * optimizer.param_groups[0]["lr"])')

    def _main(self) -> None:
        with command_line(self.writer, self.recipe, "cpu, cuda, cuda:1, mps"):
            self.writer.line("model = train(**arguments)")
            self.writer.line("count = sum(weight.numel() for weight in model.parameters())")
            self.writer.line('print(f"{count:,} parameters")')


def _moved(part: Source | Head) -> str:
    return ".movedim(-1, 1)" if channels_first(part.shape) else ""
