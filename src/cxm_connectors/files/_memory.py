"""What was served before, as it stands in a checkpoint: file by file, with its mapping."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen


@frozen
class Seen:
    """One file as it was when it was served, and the mapping by which it was read."""

    sha256: str
    bytes: int
    mapping: str


@frozen
class Memory:
    """Files that were served, by name, and the hash of the questions that were."""

    files: Mapping[str, Seen] = field(factory=dict)
    questions: str | None = None

    @classmethod
    def of(cls, state: Mapping[str, object] | None) -> Memory:
        """Memory that `state` holds; a state of another form is no memory."""
        files = (state or {}).get("files")
        questions = (state or {}).get("questions")
        entries = files.items() if isinstance(files, Mapping) else ()
        return cls(
            {name: seen for name, entry in entries if (seen := _seen(entry)) is not None},
            questions if isinstance(questions, str) else None,
        )

    @property
    def state(self) -> dict[str, object]:
        """Plain JSON for a checkpoint."""
        files = {
            name: {"sha256": seen.sha256, "bytes": seen.bytes, "mapping": seen.mapping}
            for name, seen in sorted(self.files.items())
        }
        return {"files": files, "questions": self.questions}

    def with_file(self, name: str, seen: Seen) -> Memory:
        """Memory in which a file was served as well."""
        return evolve(self, files={**self.files, name: seen})

    def with_questions(self, questions: str) -> Memory:
        """Memory in which the questions were served as well."""
        return evolve(self, questions=questions)


def _seen(entry: object) -> Seen | None:
    if not isinstance(entry, Mapping) or set(entry) != set(_FORM):
        return None
    if any(type(entry[name]) is not form for name, form in _FORM.items()):
        return None
    return Seen(entry["sha256"], entry["bytes"], entry["mapping"])


_FORM = {"sha256": str, "bytes": int, "mapping": str}
