"""Where a data row of a receipt file lands: every one in exactly one class of good rows, or under one reason."""

from enum import StrEnum


class LineClass(StrEnum):
    """The classes of good rows."""

    SALE_LINE = "sale_line"
    """A customer, no cancellation, quantity > 0 and unit price > 0."""
    ANONYMOUS_SALE_LINE = "anonymous_sale_line"
    """The same without a customer."""
    CANCELLED_LINE = "cancelled_line"
    """A cancellation with a customer."""


class DirtyReason(StrEnum):
    """Why a row is not used.

    The order is the precedence: when several apply, the row counts under the first one listed. First what keeps
    the row from being read, then cells in the order of need, then what the values mean together, then what only
    shows beside the other rows of its invoice.
    """

    BAD_ENCODING = "bad_encoding"
    """Bytes that are no text in the file's encoding."""
    MALFORMED_ROW = "malformed_row"
    """A quote that does not close where a cell ends, or a cell beyond all bounds."""
    EMPTY_ROW = "empty_row"
    """A line with nothing on it."""
    TOO_FEW_COLUMNS = "too_few_columns"
    TOO_MANY_COLUMNS = "too_many_columns"
    MISSING_INVOICE = "missing_invoice"
    MISSING_ITEM = "missing_item"
    CELL_TOO_LONG = "cell_too_long"
    """An invoice, item, customer, category or description longer than a till takes."""
    CELL_WITH_NUL = "cell_with_nul"
    """A NUL character in an invoice, item, customer or category, which no book holds; in a description it is left out."""
    BAD_TIMESTAMP = "bad_timestamp"
    BAD_QUANTITY = "bad_quantity"
    """No decimal figure, or finer than thousandths."""
    QUANTITY_TOO_LARGE = "quantity_too_large"
    """More than 64 bits of thousandths."""
    BAD_PRICE = "bad_price"
    BAD_AMOUNT = "bad_amount"
    BAD_TAX = "bad_tax"
    QUANTITY_ZERO = "quantity_zero"
    QUANTITY_NEGATIVE_WITHOUT_CANCELLATION = "quantity_negative_without_cancellation"
    CANCELLATION_QUANTITY_NOT_NEGATIVE = "cancellation_quantity_not_negative"
    CANCELLATION_QUANTITY_NOT_POSITIVE = "cancellation_quantity_not_positive"
    """The same where the mapping says that cancelled quantities are positive."""
    PRICE_NEGATIVE = "price_negative"
    PRICE_ZERO = "price_zero"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    """An amount, given as such, of zero or less on a sale."""
    AMOUNT_TOO_LARGE = "amount_too_large"
    """More than 64 bits of minor units."""
    TAX_MORE_THAN_AMOUNT = "tax_more_than_amount"
    """On a sale: the tax included in an amount is a part of it."""
    CANCELLATION_WITHOUT_CUSTOMER = "cancellation_without_customer"
    INVOICE_OF_ANOTHER_CUSTOMER = "invoice_of_another_customer"
    """An earlier row of the invoice named another customer, or this row names none: an invoice has one customer."""
    INVOICE_TOO_LONG = "invoice_too_long"
    """The invoice has as many lines as a basket can hold already."""


class ParkReason(StrEnum):
    """Why a cancelled line, or the rest of one, matches no sale."""

    NO_EARLIER_PURCHASE = "no_earlier_purchase"
    """The customer never bought the item before."""
    MORE_THAN_PURCHASED = "more_than_purchased"
    """The customer bought it before, but less than was cancelled by now."""
    ORIGINAL_REFUSED = "original_refused"
    """It matches a sale that the till refused; known only at the replay."""
