"""Do the documents show what the commands really answer? Runs their console blocks again and writes the answers in.

    python scripts/readme.py

A console block holds lines that begin with "$ " (run in the project's folder, over a temporary workspace, `python` being
this one) and what they printed on stdout. Ids are new each time; `publish` gets that of the model trained before.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "commands.md")
BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.DOTALL)


class Shell:
    """A workspace and a folder for what the commands write, and the last model trained in it."""

    def __init__(self, folder: Path) -> None:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = os.environ | {
            "INSIGHTS_HOME": str(folder),
            "PATH": path,
            "OMP_WAIT_POLICY": "passive",
            "COLUMNS": "120",
        }
        self.folder = folder
        self.model = ""

    def run(self, command: str) -> str:
        """The command as it was run, and its answer."""
        shown = re.sub(r"(?<=publish )\w+", self.model, command)
        line = re.sub(r"(?<![\w/])(scored\.\w+)", rf"{self.folder}/\1", shown)
        answer = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
        ).stdout
        if found := re.search(r"^Model (\w{8})", answer):
            self.model = found[1]
        return f"$ {shown}\n{answer.replace(f'{self.folder}/', '').rstrip()}\n"

    def rerun(self, block: str) -> str:
        """A block with every answer replaced."""
        commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
        return "\n".join(self.run(command) for command in commands)


def rewritten(document: Path) -> str:
    """A document with every answer replaced."""
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder))
        blocks = [shell.rerun(block) for block in BLOCK.findall(document.read_text(encoding="utf-8"))]
    print(*blocks, sep="\n")
    fresh = iter(blocks)  # the text around them may have been edited meanwhile
    return BLOCK.sub(lambda _: next(fresh), document.read_text(encoding="utf-8"))


def main() -> None:
    for document in DOCUMENTS:
        document.write_text(rewritten(document), encoding="utf-8")


if __name__ == "__main__":
    main()
