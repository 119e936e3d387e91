"""The child process that parses one file: `python -m insights.ingest FOLDER MEGABYTES CPU_SECONDS`."""

import sys
from pathlib import Path

from insights.ingest.sandbox import child
from insights.sandbox.limits import Limits

child(Path(sys.argv[1]), Limits(int(sys.argv[2]), int(sys.argv[3])))
