"""Tables and the records that their rows become, as a user says it in a program file.

Every connector that reads tables takes the same words: files, frames, a warehouse, another
library's rows.
"""

from ._config import ColumnSpec, Part, QuestionSpec, RecordSpec, RowSpec, TableConfig, Word
from ._mapping import HasColumn, mapping_hash, mappings, questions, questions_hash
from ._presence import Ids, Presence
from ._rows import Rows, digest
from ._serving import served
from ._states import state_of

__all__ = [
    "ColumnSpec",
    "HasColumn",
    "Ids",
    "Part",
    "Presence",
    "QuestionSpec",
    "RecordSpec",
    "RowSpec",
    "Rows",
    "TableConfig",
    "Word",
    "digest",
    "mapping_hash",
    "mappings",
    "questions",
    "questions_hash",
    "served",
    "state_of",
]
