"""What one field may hold, check by check."""

import pytest

from drivers.scanners.gs1.contents import CHECKS
from drivers.scanners.gs1.values import Gs1Reason

BAD = Gs1Reason.BAD_VALUE

GOOD = [
    ("mod10", "4006381333931"),
    ("pair", "1987654Ad4X4bL5ttr2310c2K"),
    ("company_prefix", "1234"),
    ("company_prefix", "1234AB"),
    ("country", "051"),
    ("country", "860"),
    ("country_or_999", "999"),
    ("country2", "AM"),
    ("currency", "051"),
    ("currency", "643"),
    ("currency", "398"),
    ("percent", "A%20B%c3%A9"),
    ("percent", ""),
    ("latitude", "1800000000"),
    ("longitude", "3600000000"),
    ("flag", "0"),
    ("minus", "-"),
    ("importer", "_"),
    ("package", "200"),
    ("package", "PAE"),
    ("media", "01"),
    ("media", "10"),
    ("media", "80"),
    ("sex", "9"),
    ("sequence", "2/2"),
    ("nonzero", "0001"),
    ("winding", "9"),
    ("no_zero_first", "0"),
    ("no_zero_first", "10"),
    ("not_digits", "1A"),
    ("pieces", "0101"),
    ("iban", "GB82WEST12345698765432"),
    ("padding", "AB="),
    ("padding", "A=="),
    ("padding", "ABCD"),
    ("time_or_none", "9999"),
    ("hour", "23"),
]
WRONG = [
    ("mod10", "4006381333932", Gs1Reason.WRONG_CHECK_DIGIT, ""),
    ("pair", "1987654Ad4X4bL5ttr2310c2X", Gs1Reason.WRONG_CHECK_DIGIT, "pair"),
    ("company_prefix", "123", BAD, "company_prefix_short"),
    ("company_prefix", "123A", BAD, "company_prefix"),
    ("country", "999", BAD, "country"),
    ("country2", "XX", BAD, "country"),
    ("country2", "am", BAD, "country"),
    ("currency", "000", BAD, "currency"),
    ("percent", "A%2", BAD, "percent_code"),
    ("percent", "%", BAD, "percent_code"),
    ("latitude", "1800000001", BAD, "latitude"),
    ("longitude", "3600000001", BAD, "longitude"),
    ("flag", "2", BAD, "flag"),
    ("minus", "+", BAD, "minus"),
    ("importer", "=", BAD, "importer_index"),
    ("package", "ZZZ", BAD, "package_type"),
    ("media", "00", BAD, "media_type"),
    ("media", "11", BAD, "media_type"),
    ("media", "79", BAD, "media_type"),
    ("sex", "3", BAD, "sex"),
    ("sequence", "3/2", BAD, "sequence"),
    ("sequence", "0/1", BAD, "sequence"),
    ("sequence", "1-2", BAD, "sequence"),
    ("nonzero", "0000", BAD, "zero"),
    ("zero", "1", BAD, "not_zero"),
    ("winding", "2", BAD, "winding"),
    ("no_zero_first", "01", BAD, "leading_zero"),
    ("not_digits", "123", BAD, "only_digits"),
    ("pieces", "0001", BAD, "piece_zero"),
    ("pieces", "0100", BAD, "piece_zero"),
    ("pieces", "0302", BAD, "piece_beyond_total"),
    ("iban", "GB82WEST12345698765433", Gs1Reason.WRONG_CHECK_DIGIT, "iban"),
    ("iban", "gb82west12345698765432", Gs1Reason.WRONG_CHARACTER, "iban"),
    ("iban", "ZZ82WEST12345698765432", BAD, "iban_country"),
    ("iban", "GB82", Gs1Reason.WRONG_LENGTH, "iban"),
    ("padding", "A=B", Gs1Reason.WRONG_CHARACTER, "padding"),
    ("padding", "A=", BAD, "padding"),
    ("padding", "ABC===", BAD, "padding"),
    ("time_or_none", "2400", Gs1Reason.BAD_TIME, ""),
    ("hour", "24", Gs1Reason.BAD_TIME, "hour"),
    ("minute", "60", Gs1Reason.BAD_TIME, "minute"),
    ("second", "60", Gs1Reason.BAD_TIME, "second"),
    ("date", "260200", Gs1Reason.BAD_DATE, ""),
    ("date0", "260230", Gs1Reason.BAD_DATE, ""),
    ("date8", "20260230", Gs1Reason.BAD_DATE, ""),
    ("coupon", "A", Gs1Reason.WRONG_CHARACTER, "coupon"),
    ("coupon", "7", Gs1Reason.BAD_COUPON, "company:invalid"),
    ("offer", "2", Gs1Reason.BAD_COUPON, "format:invalid"),
]


@pytest.mark.parametrize(("check", "text"), GOOD)
def test_good_fields_pass(check: str, text: str) -> None:
    assert CHECKS[check](text) is None


@pytest.mark.parametrize(("check", "text", "reason", "detail"), WRONG)
def test_bad_fields_say_what_is_wrong(check: str, text: str, reason: Gs1Reason, detail: str) -> None:
    assert CHECKS[check](text) == (reason, detail)
