"""The child process that parses one file: `python -m insights.ingest FOLDER MEGABYTES CPU_SECONDS`."""

import sys
from pathlib import Path

from insights.ingest.sandbox import child

child(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
