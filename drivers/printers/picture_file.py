"""A picture in a file, such as a logo, as dots: at most as wide as the paper, black or white.

Pillow reads it, and is loaded with the first picture. What is darker than the middle becomes ink; what is transparent is paper.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.printers.document import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_FILE_BYTES: Final = 4_000_000
MAX_SIDE: Final = 5_000
MAX_HEIGHT_DOTS: Final = 600
"""75 mm: a picture on every receipt that is higher than this is a mistake."""
_DARK: Final = 128


class BadPicture(ValueError):
    """A file is no picture that can be printed; the message says why, without the file's name."""


def read_picture(path: Path, width_dots: int) -> Picture:
    """The picture in a file, scaled down where it is wider than ``width_dots`` or higher than 600 dots.

    Args:
        path: Of a PNG, or any other kind that Pillow reads.
        width_dots: Of the paper, at least 8.

    Raises:
        BadPicture: It is not there, is no picture, or is too large to be read.
    """
    try:
        _check_size(path)
        return _dots(_fitted(_grey(path), width_dots), width_dots // 8 * 8)
    except BadPicture:
        raise
    except OSError as error:
        raise BadPicture(f"cannot be read ({error.strerror or 'it is no picture'})") from error
    except Exception as error:  # what a broken picture makes Pillow raise is not told anywhere
        raise BadPicture(f"is no picture ({type(error).__name__})") from error


def _check_size(path: Path) -> None:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise BadPicture(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")


def _grey(path: Path) -> "Image":
    from PIL import Image

    with Image.open(path) as opened:
        if max(opened.size) > MAX_SIDE:
            raise BadPicture(f"is more than {MAX_SIDE} pixels wide or high")
        shown = opened.convert("RGBA")
    paper = Image.new("RGBA", shown.size, "white")
    return Image.alpha_composite(paper, shown).convert("L")


def _fitted(picture: "Image", width_dots: int) -> "Image":
    width, height = picture.size
    scale = min(1.0, width_dots / width, MAX_HEIGHT_DOTS / height)
    if scale == 1.0:
        return picture
    return picture.resize((max(1, int(width * scale)), max(1, int(height * scale))))


def _dots(picture: "Image", most_dots: int) -> Picture:
    """Its dots, with paper at both sides up to a whole number of bytes."""
    from PIL import Image

    width, height = picture.size
    whole = min(most_dots, -(-width // 8) * 8)
    sheet = Image.new("L", (whole, height), 255)
    sheet.paste(picture, ((whole - width) // 2, 0))
    ink = sheet.point([255 if grey < _DARK else 0 for grey in range(256)], mode="1")
    return Picture(width_dots=whole, height_dots=height, rows=ink.tobytes())
