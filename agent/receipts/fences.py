"""What of Jinja's language templates have, and where it is counted: changes a template before it is compiled.

What is not named here is refused with its line. A loop's turns, the bodies of macros and blocks, conditions and
comparisons are counted with the parts that they carry out; joined and gathered texts are measured.
"""

from typing import Final, NoReturn

from jinja2 import TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

from agent.receipts.filters import COMPARED, COUNTED, FLAT, JOINED, SLICED, SPENT, TAKEN

_MAX_WHOLE: Final = 1 << 63
_STATEMENTS: Final = (
    *(
        nodes.Template,
        nodes.Output,
        nodes.Extends,
        nodes.For,
        nodes.If,
        nodes.Macro,
        nodes.CallBlock,
        nodes.FilterBlock,
    ),
    *(nodes.With, nodes.Block, nodes.Assign, nodes.AssignBlock, nodes.ExprStmt),
)
_EXPRESSIONS: Final = (
    *(nodes.Name, nodes.NSRef, nodes.Const, nodes.TemplateData, nodes.Tuple, nodes.List, nodes.CondExpr, nodes.Filter),
    *(nodes.Test, nodes.Call, nodes.Getitem, nodes.Getattr, nodes.Slice, nodes.Keyword, nodes.Concat, nodes.Compare),
    *(nodes.Operand, nodes.Mul, nodes.FloorDiv, nodes.Add, nodes.Mod, nodes.Sub, nodes.Not, nodes.Neg),
    *(nodes.Pos, nodes.And, nodes.Or),
)
_ALLOWED: Final = frozenset((*_STATEMENTS, *_EXPRESSIONS))
_WORDS: Final[dict[type[nodes.Node], str]] = {
    nodes.Include: "include is",
    nodes.Import: "import is",
    nodes.FromImport: "import is",
    nodes.Dict: "tables in braces are",
    nodes.Pow: "** is",
    nodes.Div: "/ is",
    nodes.ScopedEvalContextModifier: "autoescape is",
}


class Fences(NodeTransformer):
    """Refuses what is not for templates, and counts the rest."""

    def visit(self, node: nodes.Node, *more: object, **named: object) -> nodes.Node:
        """Visit a node, if it is one of those that templates have."""
        if type(node) not in _ALLOWED:
            _refuse(f"{_WORDS.get(type(node), 'this is')} not for templates", node)
        if isinstance(node, nodes.Call | nodes.Filter | nodes.Test) and (node.dyn_args or node.dyn_kwargs):
            _refuse("arguments are written one by one", node)
        visited: nodes.Node = super().visit(node, *more, **named)
        return visited

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Count each turn."""
        if node.recursive:
            _refuse("a loop cannot be recursive", node)
        parts = _parts_of(node)
        self.generic_visit(node)
        node.iter = _filter(node.iter, COUNTED, nodes.Const(parts))
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Count each call of it."""
        return self._body(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Count each call of its body."""
        return self._body(node)

    def visit_Block(self, node: nodes.Block) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Count each time that it is carried out."""
        return self._body(node)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Measure what was gathered."""
        self.generic_visit(node)
        node.filter = nodes.Filter(node.filter, TAKEN, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Count the comparison: what is compared may be long."""
        self.generic_visit(node)
        return _filter(node, COMPARED)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Measure the joined text."""
        self.generic_visit(node)
        first, *rest = node.nodes
        return _filter(first, JOINED, *rest)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Count what is cut out of a text or a list."""
        self.generic_visit(node)
        return _filter(node, SLICED) if isinstance(node.arg, nodes.Slice) else node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802  # Jinja's name
        """See that it holds no list."""
        self.generic_visit(node)
        return _filter(node, FLAT)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802  # Jinja's name
        """See that it holds no list, where it is a value."""
        self.generic_visit(node)
        return _filter(node, FLAT) if node.ctx == "load" else node

    def visit_Const(self, node: nodes.Const) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Refuse a number that is longer than any amount."""
        if isinstance(node.value, float) or (isinstance(node.value, int) and node.value >= _MAX_WHOLE):
            _refuse("a number is whole, and below 2 to the power of 63", node)
        return node

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Refuse what a macro was given without a name for it."""
        if node.name in {"varargs", "kwargs"}:
            _refuse(f"{node.name} is not for templates", node)
        return node

    def visit_Extends(self, node: nodes.Extends) -> nodes.Node:  # noqa: N802  # Jinja's name
        """Let the template that is extended be known beforehand."""
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
            _refuse("the template that is extended is named by a text", node)
        return node

    def _body(self, node: nodes.Macro | nodes.CallBlock | nodes.Block) -> nodes.Node:
        parts = _parts_of(node)
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(_filter(nodes.Const(parts), SPENT), lineno=node.lineno))
        return node


def _filter(node: nodes.Node, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)


def _parts_of(node: nodes.Node) -> int:
    return 1 + sum(1 for _ in node.find_all(nodes.Node))


def _refuse(reason: str, node: nodes.Node) -> NoReturn:
    raise TemplateSyntaxError(reason, node.lineno)
