"""The set-up: what it repeats, and what it says when it can't go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.tools import commands, setup

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> setup.Step:
    """A step that makes one file out of another."""
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    made_from, makes = tmp_path / "input", tmp_path / "output"
    made_from.write_text("first")

    def action() -> None:
        makes.write_bytes(made_from.read_bytes())

    return setup.Step(name="a step", action=action, inputs=(made_from,), output=makes)


def test_step_is_done_once(step: setup.Step) -> None:
    """A step is to be done until it was."""
    assert not step.is_done()
    step.run()
    assert step.is_done()


def test_step_is_repeated_when_its_input_changes(step: setup.Step) -> None:
    """A change in an input repeats the step."""
    step.run()
    step.inputs[0].write_text("second")
    assert not step.is_done()


def test_step_is_repeated_when_its_output_is_gone(step: setup.Step) -> None:
    """What was deleted is made again."""
    step.run()
    step.output.unlink()
    assert not step.is_done()


def test_step_is_repeated_when_it_was_interrupted(step: setup.Step) -> None:
    """A step that didn't come to its end counts as not done, though it was done before."""
    step.run()
    step.inputs[0].unlink()
    with pytest.raises(FileNotFoundError):
        step.run()
    step.inputs[0].write_text("first")
    assert not step.is_done()


def test_environment_of_another_checkout_is_refused(tmp_path: Path) -> None:
    """An environment behind a link is left alone, because making a new one would empty it."""
    link = tmp_path / ".venv"
    link.symlink_to(tmp_path / "other")
    with pytest.raises(commands.SetupError, match="Remove the link"):
        setup.refuse_shared_environment(link)


def test_arguments_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who asks for help doesn't start the set-up."""
    monkeypatch.setattr("sys.argv", ["setup", "--help"])
    with pytest.raises(SystemExit):
        setup.main()


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("npm error code ENOSPC", "the disk is full"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS",
            "doesn't match the hash",
        ),
        ("npm error code EINTEGRITY", "doesn't match the hash"),
        ("Failed to establish a new connection: [Errno 111] Connection refused", "be reached"),
        ("npm error code ENOTFOUND", "be reached"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "isn't trusted"),
        ("created successfully because ensurepip is not available.", "python3-venv"),
        ("ERROR: No matching distribution found for x==1", "has no release for"),
        ("first line\nwhat it came to\n", "what it came to"),
        ("", "no output"),
    ],
)
def test_says_what_helps(output: str, remedy: str) -> None:
    """A failure of pip or npm becomes one sentence that a person can act on."""
    assert remedy in commands.explain(output)
    assert "\n" not in commands.explain(output)
