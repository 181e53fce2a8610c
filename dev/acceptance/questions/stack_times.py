"""LastUpdatedTime and LastOperations, while a stack fails and rolls back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dev.acceptance.findings import Question, compared, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry
    from dev.acceptance.recorder import Record, Recorder
    from dev.acceptance.stacks import Look


def _template(recorder: Recorder, stamp: str, *, fails: bool) -> dict[str, Any]:
    resources = {"Kept": recorder.resource("kept", Stamp=stamp)}
    if fails:
        broken = recorder.resource("broken", FailOn=["Create"])
        resources["Broken"] = broken | {"DependsOn": "Kept"}
    return {"Resources": resources}


def _ask(inquiry: Inquiry) -> Iterator[Finding]:
    recorder = inquiry.recorder()
    stack = inquiry.stack("failed-update")
    created = stack.create(_template(recorder, "1", fails=False))
    stack.expect(created, "CREATE_COMPLETE")
    yield compared(
        "Does a stack have a LastUpdatedTime before its first update?",
        expected="no (CloudFormation API reference, Stack)",
        seen="no" if created[-1].last_updated is None else "yes",
        matches=created[-1].last_updated is None,
        evidence=_lines(created),
    )
    updated = stack.update(_template(recorder, "2", fails=False))
    stack.expect(updated, "UPDATE_COMPLETE")
    yield compared(
        "Does it have one after its first update?",
        expected="yes (CloudFormation API reference, Stack)",
        seen="no" if updated[-1].last_updated is None else "yes",
        matches=updated[-1].last_updated is not None,
        evidence=_lines(updated),
    )
    failed = stack.update(_template(recorder, "3", fails=True))
    # Create, Update, and the update that fails: Update, Create, Update back, Delete.
    records = recorder.records(stack.stack_id(), expected=6)
    yield from _failed_update(failed, records)
    stack.delete()
    other = inquiry.stack("failed-creation")
    failed = other.create(_template(recorder, "1", fails=True))
    yield from _failed_creation(failed, recorder.records(other.stack_id(), expected=4))
    other.delete()


def _failed_update(looks: list[Look], records: list[Record]) -> Iterator[Finding]:
    evidence = _lines(looks) + tuple(map(str, records))
    status = looks[-1].status
    yield compared(
        "Which status does a stack have after a failed update?",
        expected="UPDATE_ROLLBACK_COMPLETE",
        seen=status,
        matches=status == "UPDATE_ROLLBACK_COMPLETE",
        evidence=evidence,
    )
    back = [each.status for each in records if each.event == "Update" and "ROLLBACK" in each.status]
    yield compared(
        "Which status does a function see during the Update of a rollback?",
        expected="UPDATE_ROLLBACK_IN_PROGRESS",
        seen=", ".join(back) or "there was no such Update",
        matches=back == ["UPDATE_ROLLBACK_IN_PROGRESS"],
    )
    removed = [each for each in records if each.event == "Delete"]
    yield compared(
        "With which id is a resource deleted if an update failed to create it?",
        expected="the one that its function answered: broken",
        seen=", ".join(each.physical_id for each in removed) or "it isn't deleted",
        matches=[each.physical_id for each in removed] == ["broken"],
    )
    forward = [look.last_updated for look in looks if "ROLLBACK" not in look.status]
    backward = [look.last_updated for look in looks if "ROLLBACK" in look.status]
    yield recorded(
        "Does LastUpdatedTime move when a failed update is rolled back?",
        seen=_movement(forward, backward),
    )
    yield recorded(
        "What does LastOperations list before, during and after the rollback of an update?",
        seen=_operations(looks),
    )


def _failed_creation(looks: list[Look], records: list[Record]) -> Iterator[Finding]:
    evidence = _lines(looks) + tuple(map(str, records))
    yield compared(
        "Which status does a stack have after a failed creation?",
        expected="ROLLBACK_COMPLETE",
        seen=looks[-1].status,
        matches=looks[-1].status == "ROLLBACK_COMPLETE",
        evidence=evidence,
    )
    removed = [each for each in records if each.event == "Delete"]
    statuses = sorted({each.status for each in removed})
    yield compared(
        "Which status does a function see during the Delete after a failed creation?",
        expected="ROLLBACK_IN_PROGRESS",
        seen=", ".join(statuses) or "there was no Delete",
        matches=statuses == ["ROLLBACK_IN_PROGRESS"],
    )
    yield compared(
        "In which order is a failed creation undone?",
        expected="the failed resource first, by the id that its function answered: broken, kept",
        seen=", ".join(each.physical_id for each in removed),
        matches=[each.physical_id for each in removed] == ["broken", "kept"],
    )
    forward = [look.last_updated for look in looks if "ROLLBACK" not in look.status]
    backward = [look.last_updated for look in looks if "ROLLBACK" in look.status]
    yield recorded(
        "Does a creation that is rolled back set LastUpdatedTime?",
        seen=_movement(forward, backward),
    )
    yield recorded(
        "What does LastOperations list before, during and after the rollback of a creation?",
        seen=_operations(looks),
    )


def _lines(looks: list[Look]) -> tuple[str, ...]:
    return tuple(map(str, looks))


def _movement(forward: list[Any], backward: list[Any]) -> str:
    if not forward or not backward:
        return "the phases were too short to be seen"
    if set(backward) <= {forward[-1]}:
        return "no"
    return "yes, when it begins" if len(set(backward)) == 1 else "yes, more than once"


def _operations(looks: list[Look]) -> str:
    return "; ".join(f"{look.status}: {', '.join(look.operations) or 'nothing'}" for look in looks)


QUESTION = Question(
    key="stack-times",
    title="LastUpdatedTime and LastOperations of a stack that fails",
    relies="The function learns from StackStatus alone whether it runs in a rollback. It doesn't read"
    " LastUpdatedTime or LastOperations; the local cloud shows them as far as they are known.",
    ask=_ask,
)
