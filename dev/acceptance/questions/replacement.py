"""The rollback of a replacement, and two resources with one physical id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dev.acceptance.findings import Question, compared, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry
    from dev.acceptance.recorder import Record, Recorder


def _replaced(recorder: Recorder, physical_id: str, *, fails: bool) -> dict[str, Any]:
    late = recorder.resource("late", Stamp=physical_id, FailOn=["Update"] if fails else [])
    return {
        "Resources": {
            "Replaced": recorder.resource(physical_id),
            "Late": late | {"DependsOn": "Replaced"},
        }
    }


def _ask_rollback(inquiry: Inquiry) -> Iterator[Finding]:
    recorder = inquiry.recorder()
    stack = inquiry.stack("replacement")
    stack.expect(stack.create(_replaced(recorder, "first", fails=False)), "CREATE_COMPLETE")
    looks = stack.update(_replaced(recorder, "second", fails=True))
    # Two Creates and two Updates; then at least the failed one is updated back, and one is deleted.
    records = recorder.records(stack.stack_id(), expected=6)
    undone = [each for each in records if "ROLLBACK" in each.status]
    evidence = (*map(str, looks), *map(str, records))
    ids = stack.physical_ids()
    yield compared(
        "Which physical id does the resource have in the end?",
        expected="first, the one from before the update",
        seen=ids.get("Replaced", "none"),
        matches=ids.get("Replaced") == "first",
        evidence=evidence,
    )
    deleted = [each for each in undone if each.event == "Delete" and each.logical_id == "Replaced"]
    yield compared(
        "Which physical id is deleted?",
        expected="second, the new one, and no other",
        seen=", ".join(each.physical_id for each in deleted) or "none",
        matches=[each.physical_id for each in deleted] == ["second"],
    )
    yield compared(
        "In which phase?",
        expected="UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        seen=", ".join(each.status for each in deleted) or "none",
        matches=[each.status for each in deleted]
        == ["UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"],
    )
    yield recorded(
        "Does the replaced resource get an Update with its old properties, and with which id?",
        seen=_updates(undone),
    )
    yield recorded(
        "In which order do the events of the rollback come?",
        seen=", ".join(f"{each.event} {each.logical_id}" for each in undone) or "there are none",
    )
    yield recorded(
        "What does ListStackResources show to the function during the rollback?",
        seen="; ".join(f"{key} {value}" for key, value in (undone[0].resources or {}).items())
        if undone
        else "nothing: there was no event",
    )
    stack.delete()


def _updates(undone: list[Record]) -> str:
    updates = [each for each in undone if each.event == "Update" and each.logical_id == "Replaced"]
    if not updates:
        return "no Update at all"
    return "; ".join(
        f"Update of {each.physical_id} from Id {each.old_id} to Id {each.id}" for each in updates
    )


def _ask_shared(inquiry: Inquiry) -> Iterator[Finding]:
    recorder = inquiry.recorder()
    shared = {name: recorder.resource("shared") for name in ("Older", "Newer")}
    stack = inquiry.stack("shared-id")
    first = stack.create({"Resources": {"Older": shared["Older"]}})
    stack.expect(first, "CREATE_COMPLETE")
    looks = stack.update({"Resources": shared})
    ids = stack.physical_ids()
    yield compared(
        "May another resource of the stack answer with a physical id that one already has?",
        expected="yes: the update succeeds, and both are listed with it",
        seen=f"{looks[-1].status}; {ids}",
        matches=looks[-1].status == "UPDATE_COMPLETE"
        and ids == {"Older": "shared", "Newer": "shared"},
        evidence=(*map(str, looks), *stack.failures()),
    )
    looks = stack.update({"Resources": {"Newer": shared["Newer"]}})
    records = recorder.records(stack.stack_id(), expected=3)
    ids = stack.physical_ids()
    deleted = [each for each in records if each.event == "Delete"]
    yield compared(
        "What happens if the older of the two is removed from the template?",
        expected="its function gets a Delete with the id, in the clean-up; the newer one keeps it",
        seen=f"{looks[-1].status}; {ids}; "
        + ("; ".join(f"Delete of {each.logical_id} in {each.status}" for each in deleted)),
        matches=looks[-1].status == "UPDATE_COMPLETE"
        and ids == {"Newer": "shared"}
        and [(each.logical_id, each.status) for each in deleted]
        == [("Older", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")],
        evidence=(*map(str, looks), *map(str, records)),
    )
    looks = stack.update({"Resources": {"Moved": recorder.resource("shared")}})
    records = recorder.records(stack.stack_id(), expected=5)
    yield compared(
        "What happens if an update gives the resource another logical id?",
        expected="Create of Moved, then Delete of Newer in the clean-up",
        seen=", ".join(
            f"{each.event} of {each.logical_id} in {each.status}" for each in records[3:]
        ),
        matches=[(each.event, each.logical_id) for each in records[3:]]
        == [("Create", "Moved"), ("Delete", "Newer")],
        evidence=tuple(map(str, records)),
    )
    stack.delete()


ROLLBACK = Question(
    key="replacement-rollback",
    title="The rollback of a replaced custom resource",
    relies="The function works with and without an Update back to the old properties. It relies on the"
    " old id being kept, and on a Delete of the new one.",
    ask=_ask_rollback,
)
SHARED = Question(
    key="shared-physical-id",
    title="Two resources of a stack with one physical id",
    relies="A construct that moves in the tree keeps its certificate: its new logical id answers with"
    " the ServerCertificateId that the old one still has.",
    ask=_ask_shared,
)
