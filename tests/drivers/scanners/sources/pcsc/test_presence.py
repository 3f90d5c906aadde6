from drivers.scanners.sources.pcsc.port import CardState, ReaderNews
from drivers.scanners.sources.pcsc.presence import MAX_TRIES, Presence
from drivers.scanners.symbols import Medium, Misreading, Symbol

CARD, OTHER = (Symbol(text=uid, medium=Medium.UID) for uid in ("9A2BC4D1", "9A2BC4D2"))


def empty(counted: int) -> ReaderNews:
    return ReaderNews(word=counted << 16 | CardState.EMPTY | CardState.CHANGED)


def lies(counted: int, more: int = 0) -> ReaderNews:
    return ReaderNews(word=counted << 16 | CardState.PRESENT | CardState.CHANGED | more)


def opened(*news: ReaderNews) -> Presence:
    presence = Presence()
    presence.opened()
    for one in news:
        presence.learn(one)
    return presence


def test_a_card_is_owed_once_however_long_it_lies() -> None:
    presence = opened(empty(0), lies(1))
    assert presence.owed
    assert presence.settled(CARD)
    presence.learn(lies(1, more=0x100))
    assert not presence.owed
    presence.learn(empty(2))
    presence.learn(lies(3))
    assert presence.owed
    assert presence.settled(CARD)


def test_a_card_that_took_anothers_place_unseen_is_owed() -> None:
    presence = opened(empty(0), lies(1))
    presence.settled(CARD)
    presence.learn(lies(3))
    assert presence.owed
    assert presence.settled(CARD)


def test_a_card_pulled_before_it_was_read_is_told() -> None:
    presence = opened(empty(0), lies(1))
    assert presence.learn(empty(2))
    assert not presence.learn(empty(2))
    assert not presence.owed


def test_a_card_that_was_read_is_not_told_when_it_goes() -> None:
    presence = opened(empty(0), lies(1))
    presence.settled(CARD)
    assert not presence.learn(empty(2))


def test_a_card_that_fails_is_owed_for_a_few_tries_and_the_next_card_has_as_many() -> None:
    presence = opened(empty(0), lies(1))
    assert [presence.failed() for _ in range(MAX_TRIES)] == [False] * (MAX_TRIES - 1) + [True]
    assert not presence.owed
    presence.learn(lies(3))
    assert presence.owed
    assert not presence.failed()


def test_a_card_that_lies_there_at_first_is_news() -> None:
    presence = opened(lies(0))
    assert presence.owed
    assert presence.settled(CARD)


def test_the_card_that_still_lies_there_after_a_restart_is_no_news() -> None:
    presence = opened(empty(0), lies(1))
    presence.settled(CARD)
    presence.opened()
    presence.learn(lies(0))
    assert not presence.settled(CARD)


def test_another_card_that_lies_there_after_a_restart_is_news() -> None:
    presence = opened(empty(0), lies(1))
    presence.settled(CARD)
    presence.opened()
    presence.learn(lies(0))
    assert presence.settled(OTHER)


def test_the_same_card_laid_down_after_a_restart_is_news() -> None:
    presence = opened(empty(0), lies(1))
    presence.settled(CARD)
    presence.opened()
    presence.learn(empty(0))
    presence.learn(lies(1))
    assert presence.settled(CARD)


def test_two_restarts_in_a_row_change_nothing() -> None:
    presence = opened(empty(0), lies(1))
    presence.settled(CARD)
    for _ in range(2):
        presence.opened()
        presence.learn(lies(0))
    assert not presence.settled(CARD)


def test_a_misreading_is_news_every_time_the_reader_comes_back() -> None:
    presence = opened(lies(0))
    assert presence.settled(Misreading.RANDOM_UID)
    presence.opened()
    presence.learn(lies(0))
    assert presence.settled(Misreading.RANDOM_UID)


def test_a_card_owed_when_the_reader_was_lost_is_not_told_as_pulled() -> None:
    presence = opened(empty(0), lies(1))
    presence.opened()
    assert not presence.learn(empty(0))
