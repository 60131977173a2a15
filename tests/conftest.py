"""What every test needs: frameworks that keep quiet and to the processor, hypothesis that repeats itself."""

import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", KERAS_BACKEND="tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import warnings
from importlib import import_module
from importlib.util import find_spec

from hypothesis import settings

if find_spec("triton"):
    # The CUDA build of PyTorch brings a compiler that must be loaded before TensorFlow's: the other way round crashes.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module("torch.utils.flop_counter")

settings.register_profile("project", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("project")
