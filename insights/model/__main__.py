"""The child process that tries one model from elsewhere: `python -m insights.model FOLDER MEGABYTES CPU_SECONDS`."""

import sys
from pathlib import Path

from insights.model.imported import child
from insights.sandbox.limits import Limits

child(Path(sys.argv[1]), Limits(int(sys.argv[2]), int(sys.argv[3])))
