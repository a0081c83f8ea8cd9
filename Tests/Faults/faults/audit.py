"""Compares what clients saw with what is stored."""

import asyncio
import dataclasses

from faults.upstream import token


@dataclasses.dataclass
class Verdict:
    """What became of the answers of one world."""

    tried: int = 0
    survived: int = 0
    lost: int = 0
    repeated: int = 0
    notes: list = dataclasses.field(default_factory=list)

    def __add__(self, other):
        return Verdict(
            self.tried + other.tried, self.survived + other.survived, self.lost + other.lost, self.repeated + other.repeated,
            self.notes + other.notes,
        )

    @property
    def is_good(self):
        return self.tried > 0 and self.lost == 0 and self.repeated == 0 and self.survived == self.tried


async def audit(world, allowed, calls):
    """One verdict over all answers that were asked for."""
    verdict = Verdict(notes=[])
    node = world.node_for(0)
    for run in world.runs:
        problems = list(run.faults)
        followers = [follower for follower in world.followers if follower.run is run]
        for follower in followers:
            problems += follower.faults
            if follower.terminal is None:
                problems.append(f"lost: a client never heard the end (connections {follower.connections}, seq {follower.last}, codes {follower.codes[-5:]})")
        if run.acked.is_set():
            problems += await stored_problems(node, run, followers, allowed)
        else:
            problems.append("lost: a prompt was never acknowledged")
        if world.upstream.calls.get(run.tag, 0) > calls:
            problems.append(f"repeated: the provider was asked {world.upstream.calls[run.tag]} times")
        count(verdict, run, problems)
    for note in world.notes:
        verdict.notes.append(note)
        verdict.lost += note.startswith("lost")
    await check_memory(world, verdict)
    return verdict


def count(verdict, run, problems):
    verdict.tried += 1
    verdict.survived += not problems
    verdict.lost += sum(problem.startswith("lost") for problem in problems)
    verdict.repeated += sum(problem.startswith("repeated") for problem in problems)
    verdict.notes += [f"{run.tag}: {problem}" for problem in problems]


async def stored_problems(node, run, followers, allowed):
    status, page = await node.get(f"/api/conversations/{run.conversation}/messages?limit=100")
    items = page.get("items", []) if status == 200 else []
    prompts = [item for item in items if item["role"] == "user"]
    answers = [item for item in items if item["role"] == "assistant"]
    if [item["content"] for item in prompts] != [run.text]:
        return [f"lost: the prompt is stored {len(prompts)} times (status {status})"]
    if [item["id"] for item in answers] != [run.message]:
        return [f"repeated: {len(answers)} answers"]
    return list(answer_problems(answers[0], run, followers, allowed))


def answer_problems(answer, run, followers, allowed):
    whole = [token(run.tag, number, run.prompt.get("size", 0)) for number in range(run.prompt["tokens"])]
    content = answer["content"]
    if answer["status"] not in allowed:
        yield f"lost: the answer is {answer['status']}"
    if not "".join(whole).startswith(content):
        yield "repeated: the stored text is not the beginning of what the provider said"
    if answer["status"] == "complete" and content != "".join(whole):
        yield "lost: a complete answer is not whole"
    for follower in followers:
        if not content.startswith(follower.seen):
            yield f"lost: {len(follower.seen)} characters were seen, {len(content)} are stored"
        elif follower.terminal and follower.text != content:
            yield f"lost: a client ended with {len(follower.text)} of {len(content)} characters"


async def check_memory(world, verdict):
    """After a fault memory is back at its level: half as much again, and the 64 MiB of ended answers that are kept for
    readers that come back, with what they take in the allocator."""
    await asyncio.sleep(0.3)
    for node, before in zip(world.nodes, world.before, strict=True):
        after = node.rss()
        if after > before * 1.5 + 96:
            verdict.lost += 1
            verdict.notes.append(f"lost: memory of {node.name} went from {before} to {after} MiB")
