"""Which shipped mapping fits a receipt file: the first one whose columns its header has."""

from pathlib import Path

from hq.history.errors import ReceiptFileError
from hq.history.lines import missing_columns
from hq.history.mapping import ReceiptMapping
from hq.history.mapping_reader import shipped_mappings
from hq.history.records import RecordReader


def choose_mapping(path: Path) -> ReceiptMapping:
    """The shipped mapping for the file at ``path``, by its header.

    Raises:
        ReceiptFileError: the file cannot be read, or no shipped mapping fits; says what each one misses.
    """
    lacks = []
    for mapping in shipped_mappings():
        with RecordReader(path, mapping.file) as reader:
            missing = missing_columns(reader.header, mapping)
        if not missing:
            return mapping
        lacks.append(f'for "{mapping.name}" the header lacks {", ".join(missing.values())}')
    raise ReceiptFileError(
        path, 1, f"no shipped mapping fits: {'; '.join(lacks)}; expected those columns, or --mapping FILE"
    )
