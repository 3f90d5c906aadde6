"""Two receipts of 40 rows, in Russian and in Kazakh, for what is measured of the encoder alone."""

from drivers.printers.document import Align, Block, Columns, Document, Feed, Line, Rule, Style

COLUMNS = 48
NBSP = "\u00a0"


def russian() -> Document:
    """A receipt that a printer with page 866 has every letter of."""
    goods = ("Сметана 20 %", "Молоко 3,2 %", "Хлеб", "Печенье «Юбилейное»", "Чай", "Сыр", "Кефир 1 л", "Вода")
    return _receipt(
        "ru", "Магазин «Ёлка»", goods, ("шт.", "руб.", "Итого", "Начислено", "баллов", "Всего у вас", "Спасибо!")
    )


def kazakh() -> Document:
    """One with letters that no page of most printers has, and a currency sign that none has."""
    goods = ("Қаймақ 20 %", "Сүт 3,2 %", "Нан", "Печенье", "Шай «Пиала»", "Ірімшік", "Кефир 1 л", "Су")
    return _receipt("kk", "Әлия дүкені", goods, ("дана", "₸", "Жиыны", "Берілді", "ұпай", "Сізде барлығы", "Рақмет!"))


def _receipt(language: str, shop: str, goods: tuple[str, ...], words: tuple[str, ...]) -> Document:
    piece, money, total, earned, points, have, thanks = words
    lines = [Columns(left=f"{goods[n % len(goods)]}, {n % 3 + 1} {piece}", right=f"{n * 45},00") for n in range(1, 28)]
    blocks: tuple[Block, ...] = (
        Line(text=shop, align=Align.CENTER, style=Style.DOUBLE),
        Line(text="№ 000042 · 7f3a-91c0", align=Align.RIGHT),
        Rule(),
        *lines,
        Rule(),
        Columns(left=total, right=f"17{NBSP}010,00{NBSP}{money}", style=Style.BOLD),
        Feed(),
        Columns(left=earned, right=f"+148 {points}", style=Style.BOLD),
        Line(text=f"148 {points}: 100,00{NBSP}{money} = 1 {points}"),
        Columns(left=have, right=f"1{NBSP}286 {points}", style=Style.BOLD),
        Rule(),
        Line(text=thanks, align=Align.CENTER),
        Feed(lines=2),
    )
    return Document(blocks=blocks, language=language)
