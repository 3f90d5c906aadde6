"""Makes ``models.json`` from python-escpos' capability data: ``python -m drivers.printers.profiles.generate``.

The data is of the community, and most of it is right. What is not taken as it stands, and why, is said here. Run it when
python-escpos is updated, and review the change as a diff. Nothing at run time needs this script or python-escpos.
"""

import importlib.metadata
import importlib.util
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

TARGET: Final = Path(__file__).with_name("models.json")
EXCLUDED: Final = {
    "default": "an invention: it names 40 pages, RK1048 among them, for a printer that nobody has seen",
    "simple": "the same with one page; ours is 'unknown'",
    "AF-240": "a display on a pole",
    "OCD-100": "a display on a pole",
    "OCD-300": "a display on a pole",
    "SP2000": "speaks Star's own commands, not ESC/POS",
    "TSP600": "speaks Star's own commands, not ESC/POS",
    "TUP500": "speaks Star's own commands, not ESC/POS",
}
CORRECTED: Final[dict[str, dict[str, int]]] = {
    "CT-S651": {"width_dots": 576},  # 640 is the paper, 80 mm; it prints on 72
    "NT-80-V-UL": {"columns": 48, "small_columns": 64},  # 12 and 9 are the dots of a cell
    "RP326": {"columns": 48, "small_columns": 64, "width_dots": 576},  # its maker's command set: 576 dots, 12 x 24
}
"""What the data has wrong or leaves out."""
ADDED: Final = {"TM-T20III": "TM-T20II"}
"""Newer models that understand the same as an older one."""
CODECS: Final = {"RK1048": "kz1048"}
"""Pages without a codec in the data, though Python has one."""
UNVERIFIED: Final = frozenset({"RK1048"})
"""Pages that profiles name and clones do not have; a calibration page tells."""
UNFIT: Final = {
    "CP864": "its percent sign is another than that of ASCII",
    "CP932": "two bytes a letter",
}
DOUBLE_BYTE_VENDORS: Final = frozenset({"Kefar", "Netum", "PBM", "Rongta", "Sunmi", "Zjiang", "ZiJiang"})
"""They are sold with a Chinese mode that may be switched on."""
NO_COMPLETION: Final = frozenset({"TM-T88II", "TM-T88III"})
"""Epson's models without GS ( H."""
SMALL_DOTS: Final = 9


def main() -> int:
    """Write the file."""
    TARGET.write_text(models_text(), encoding="utf-8", newline="\n")
    return 0


def models_text() -> str:
    """The whole text of ``models.json``: one line for each model."""
    data = capability_data()
    models = {
        name: model(name, raw, data["encodings"]) for name, raw in data["profiles"].items() if name not in EXCLUDED
    }
    models |= {new: {**models[old], "title": f"Epson {new}"} for new, old in ADDED.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(models[name], ensure_ascii=False)}" for name in sorted(models)]
    source = (
        f"python-escpos {importlib.metadata.version('python-escpos')}, corrected by drivers.printers.profiles.generate"
    )
    return json.dumps({"source": source})[:-1] + ',\n"models": {\n' + ",\n".join(lines) + "\n}}\n"


def capability_data() -> Mapping[str, Any]:
    """python-escpos' data, read without importing it."""
    found = importlib.util.find_spec("escpos")
    if found is None or found.origin is None:
        raise RuntimeError("python-escpos is not installed")
    text = Path(found.origin).with_name("capabilities.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def model(name: str, raw: Mapping[str, Any], encodings: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """One model as the file holds it: the fields of a ``PrinterProfile``, pages as number, codec and verified."""
    features, fonts, epson = raw["features"], raw["fonts"], raw["vendor"] == "Epson"
    corrected = CORRECTED.get(name, {})
    columns = corrected.get("columns", fonts["0"]["columns"])
    width = corrected.get("width_dots", raw["media"]["width"].get("pixels", "Unknown"))
    width = columns * 12 if width == "Unknown" else width
    small = corrected.get("small_columns", fonts.get("1", {}).get("columns"))
    return {
        "title": f"{raw['vendor']} {raw['name'].removeprefix(raw['vendor']).strip()}",
        "columns": columns,
        "width_dots": width,
        "small_columns": small if small and width // small == SMALL_DOTS else None,
        "pages": pages(raw["codePages"], encodings),
        "text_styles": True,
        "raster": features["bitImageRaster"],
        "doubled": features["bitImageRaster"] and features["highDensity"],
        "inline": False,
        "qr": features["qrCode"],
        "barcodes": features["barcodeB"],
        "cutter": features["paperFullCut"] or features["paperPartCut"],
        "drawer": features["pulseStandard"],
        "double_bytes": raw["vendor"] in DOUBLE_BYTE_VENDORS,
        "status": {
            "realtime": epson or None,
            "automatic": epson,
            "transmitted": epson,
            "completion": epson and name not in NO_COMPLETION,
        },
    }


def pages(raw: Mapping[str, str], encodings: Mapping[str, Mapping[str, str]]) -> list[list[Any]]:
    """Each page once, by the lowest number that it is named with: the higher ones are other makers' numbers."""
    found: dict[str, list[Any]] = {}
    for number, page in sorted((int(number), page) for number, page in raw.items()):
        codec = CODECS.get(page) or encodings.get(page, {}).get("python_encode")
        if codec and page not in UNFIT and codec not in found:
            found[codec] = [number, codec, page not in UNVERIFIED]
    return list(found.values())


if __name__ == "__main__":
    sys.exit(main())
