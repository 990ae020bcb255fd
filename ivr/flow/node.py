"""Node kinds and flows.

A kind is one file in `ivr/flow/nodes/`: a frozen model whose fields are its schema and whose
`run` says what a caller meets. It registers itself under its verb; the verb carries the main
argument.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ivr.flow.fields import (
    FlowName,
    Key,
    LanguageCode,
    NodeName,
    Percent,
    Prompt,
    VariableName,
    Word,
)
from ivr.flow.source import Path, Tree, Wrong

if TYPE_CHECKING:
    from ivr.flow.call import Call

KINDS: dict[str, type[Node]] = {}
"""Every node kind by its verb; filled as `ivr.flow.nodes` is imported."""

END = NodeName("")
"""Where a node points that ends the flow it stands in."""

MANNERS = ("slower", "faster", "again", "language")
"""What a key under `anywhere` may do instead of leading to a node: change how it is said."""


class Node(BaseModel):
    """One step of a flow. Subclasses name their verb: `class Menu(Node, kind="menu")`."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    kind: ClassVar[str]
    # Whether the caller is waited for here; a loop of nodes where she is not never ends.
    waits: ClassVar[bool] = True

    def __init_subclass__(cls, kind: str = "", **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if kind:
            cls.kind = kind
            KINDS[kind] = cls

    async def run(self, call: Call) -> NodeName:
        """Do what the caller meets here; return the name of the next node, or END.

        May await nothing but effects and the methods of `call`.
        """
        raise NotImplementedError

    def words(self) -> Iterator[tuple[Path, Word | Prompt]]:
        """Every name, variable and prompt this node mentions, with its path inside the node."""
        for name, known in type(self).model_fields.items():
            yield from _words(self.__dict__.get(name), (known.alias or name,))
        for name, value in (self.__pydantic_extra__ or {}).items():
            yield from _words(value, (name,))

    def links(self) -> Iterator[tuple[Path, NodeName]]:
        """Every node this one can lead to."""
        for path, word in self.words():
            if isinstance(word, NodeName) and word != END:
                yield path, word


def _words(value: Any, path: Path) -> Iterator[tuple[Path, Word | Prompt]]:
    if isinstance(value, Word | Prompt):
        yield path, value
    if isinstance(value, Prompt):
        yield from _words(value.values, (*path, value.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _words(item, (*path, key))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _words(item, (*path, index))


class Header(BaseModel):
    """The top of a flow file: everything but its nodes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flow: FlowName = Field(description="Its name: by it numbers (`ivr.yaml`) and `call` find it.")
    about: str = Field("", description="A sentence for people.")
    languages: tuple[LanguageCode, ...] = Field(
        min_length=1, description="What it speaks; a call begins in the first."
    )
    speeds: tuple[Percent, ...] = Field(
        (60, 75, 90, 100, 120, 150),
        description="What `slower` and `faster` step through; `100%` is always one of them, and "
        "calls begin there.",
    )
    start: NodeName = Field(description="The first node.")
    anywhere: dict[Key, NodeName] = Field(
        {},
        description="Keys that work while anything is being said: `slower`, `faster`, `again`, "
        "`language`, or the name of a node.",
    )
    takes: tuple[VariableName, ...] = Field(
        (), description="A sub-flow: the variables it must be given."
    )
    gives: VariableName | None = Field(None, description="A sub-flow: the variable it hands back.")
    outcomes: tuple[NodeName, ...] = Field(
        (),
        description="A sub-flow: names a node may point to that end it; whoever calls it names the "
        "next node for each.",
    )
    nodes: dict[str, Any] = Field(
        description="The nodes by name. A node is one verb with its main argument; every other key "
        "is a field of that kind."
    )

    @field_validator("languages", "speeds")
    @classmethod
    def _each_once(cls, given: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(set(given)) < len(given):
            raise Wrong("one of these is given twice", "twice")
        return given


@dataclass(frozen=True)
class Flow:
    """A flow as it runs. Immutable: a call keeps the one it began with."""

    header: Header
    nodes: Mapping[str, Node]
    file: str
    tree: Tree
    # What could be read of nodes with mistakes: to be checked, not to be run.
    broken: Mapping[str, Node] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The flow's own name."""
        return self.header.flow

    @cached_property
    def keeps_secrets(self) -> bool:
        """Whether some node asks for digits that must be written nowhere."""
        return any(getattr(node, "secret", False) for node in self.nodes.values())
