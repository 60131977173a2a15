"""What every test needs: frameworks that keep quiet and to the processor, hypothesis that repeats itself."""

import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", KERAS_BACKEND="tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from hypothesis import settings

settings.register_profile("project", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("project")
