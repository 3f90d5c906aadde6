"""A sample receipt in five languages, laid out like the real one but with words of its own."""

import pytest

from drivers.printers.document import Align, Columns, Cut, Document, Feed, Line, Rule, Style

NBSP = "\u00a0"

WORDS: dict[str, tuple[str, ...]] = {
    "kk": (
        "Әлия Дүкені",
        "Алматы, Абай даңғылы 10",
        "Бал картасы",
        "Үйге арналған қызғылт сары шам, әйнек, үлкен өлшемді, сыйлық қорапшасында",
        "Қаймақ 20 %, 2 дана × 1 245,00",
        f"12{NBSP}345,50{NBSP}₸",
        f"2{NBSP}490,00{NBSP}₸",
        "Жиыны",
        f"14{NBSP}835,50{NBSP}₸",
        "Осы сатып алуға берілді",
        "+148 ұпай",
        "148 ұпай: әр 100 теңге үшін 1; темекіге ұпай берілмейді",
        "Сізде барлығы",
        f"1{NBSP}286 ұпай",
        "Рақмет! Тағы да келіңіз.",
        "Фискалдық чек емес",
    ),
    "az": (
        "Gülüm Mağazası",
        "Bakı, Nizami küçəsi 5",
        "Bonus kartı",
        "Ev üçün çəhrayı şüşə fənər, böyük ölçülü, hədiyyə qutusunda, işığı sönməyən",
        "Qaymaq 20 %, 2 ədəd × 4,50",
        f"35,50{NBSP}₼",
        f"9,00{NBSP}₼",
        "Cəmi",
        f"44,50{NBSP}₼",
        "Bu alışa görə qazanıldı",
        "+44 xal",
        "44 xal: hər 1 manata 1; tütünə xal verilmir",
        "Cəmi xalınız",
        f"1{NBSP}286 xal",
        "Təşəkkür edirik! Yenə gəlin.",
        "Fiskal çek deyil",
    ),
    "ru": (
        "Магазин «Ёлка»",
        "Москва, Цветной бульвар, 10",
        "Карта участника",
        "Фонарь подвесной розовый, стекло, большой размер, в подарочной упаковке",
        "Сметана 20 %, 2 шт. × 124,50",
        f"1{NBSP}234,50{NBSP}₽",
        f"249,00{NBSP}₽",
        "Итого",
        f"1{NBSP}483,50{NBSP}₽",
        "Начислено за эту покупку",
        "+74 балла",
        "74 балла: 1 за каждые 20 ₽; на табак баллы не начисляются",
        "Всего у вас",
        f"1{NBSP}286 баллов",
        "Спасибо! Приходите ещё.",
        "Не является фискальным чеком",
    ),
    "hy": (
        "«Արև» խանութ",
        "Երևան, Աբովյան փողոց 10",
        "Անդամի քարտ",
        "Վարդագույն ապակե լապտեր տան համար, մեծ չափի, նվերի տուփով, ձեռագործ",
        "Թթվասեր 20 %, 2 հատ × 450",
        f"12{NBSP}300{NBSP}֏",
        f"900{NBSP}֏",
        "Ընդամենը",
        f"13{NBSP}200{NBSP}֏",
        "Այս գնումից ստացաք",
        "+132 միավոր",
        "132 միավոր՝ 1-ական յուրաքանչյուր 100 ֏-ի համար, ծխախոտի համար միավոր չի տրվում",
        "Ձեր միավորները",
        f"1{NBSP}286 միավոր",
        "Շնորհակալությո՜ւն։ Կրկին այցելեք մեզ։",
        "Ֆիսկալ կտրոն չէ",
    ),
    "en": (
        "The Corner Shop",
        "10 High Street, London",
        "Member card",
        "Hanging lantern, pink glass, large, in a gift box with a ribbon, made by hand",
        "Sour cream 20%, 2 × 1.45",
        "£35.50",
        "£2.90",
        "Total",
        "£38.40",
        "Earned with this sale",
        "+38 points",
        "38 points: 1 per £1.00; no points on tobacco",
        "You have",
        "1,286 points",
        "Thank you! See you soon — it’s a pleasure.",
        "Not a fiscal receipt",
    ),
}


def sample(language: str) -> Document:
    words = WORDS[language]
    return Document(
        language=language,
        blocks=(
            Line(text=words[0], align=Align.CENTER, style=Style.DOUBLE),
            Line(text=words[1], align=Align.CENTER),
            Rule(),
            Columns(left=words[2], right="2100•••••0042"),
            Columns(left=words[3], right=words[5]),
            Columns(left=words[4], right=words[6]),
            Rule(),
            Columns(left=words[7], right=words[8], style=Style.DOUBLE),
            Feed(),
            Columns(left=words[9], right=words[10], style=Style.BOLD),
            Line(text=words[11]),
            Columns(left=words[12], right=words[13], style=Style.BOLD),
            Feed(),
            Line(text=words[14], align=Align.CENTER),
            Line(text=words[15], align=Align.CENTER),
            Line(text="№ 000042 · 7f3a-91c0", align=Align.RIGHT),
            Cut(),
        ),
    )


@pytest.fixture(params=sorted(WORDS))
def document(request: pytest.FixtureRequest) -> Document:
    """The sample receipt, once in each language."""
    return sample(request.param)


@pytest.fixture
def english() -> Document:
    """The sample receipt in English."""
    return sample("en")
