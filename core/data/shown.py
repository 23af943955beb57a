"""What a picture shows of a vocabulary: which symbols, under which labels and in which colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.data.groups import Group, colours
from core.data.vocabulary import Vocabulary


@dataclass(frozen=True)
class Shown:
    """Some symbols of a vocabulary, each with what a picture needs of it.

    ids: their indices, ascending. symbols, labels: each as text, and made visible (`Vocabulary.label`). roles:
    each one's colour, "boundary" or one of `core.data.groups.ROLES`. names: role -> the name of its group
    (plural), for the roles that occur.
    """

    ids: tuple[int, ...]
    symbols: tuple[str, ...]
    labels: tuple[str, ...]
    roles: tuple[str, ...]
    names: dict[str, str]

    @classmethod
    def of(cls, vocabulary: Vocabulary, groups: Sequence[Group] = (), ids: Sequence[int] | None = None) -> "Shown":
        """ids: all, if None. groups: those that a person typed; (): from the alphabet."""
        ids = tuple(range(len(vocabulary)) if ids is None else ids)
        symbols = tuple(vocabulary.itos[i] for i in ids)
        ends = {vocabulary.start, vocabulary.stop}
        roles, names = colours([None if i in ends else s for i, s in zip(ids, symbols)], groups)
        return cls(ids, symbols, tuple(map(vocabulary.label, ids)), roles, names)

    @cached_property
    def for_script(self) -> dict[str, list[str]]:
        """What the page's scripts need: characters and groups (their roles)."""
        return {"characters": list(self.symbols), "groups": list(self.roles)}

    def __len__(self) -> int:
        return len(self.ids)
