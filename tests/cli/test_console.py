"""When is progress written?"""

import pytest

from insights.cli import console


def test_progress_is_written_when_the_stage_changes(capfd: pytest.CaptureFixture[str]) -> None:
    tell = console.progress(as_json=False)
    for share in (0.0, 0.001, 0.002):
        tell("features", share)
    tell("on_time", 0.5)
    assert capfd.readouterr().err == "features: 0%\non_time: 50%\n"
