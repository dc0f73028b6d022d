"""What a page of a PDF shows: the operations that show text a reader sees, and those of text that nobody sees.

Follows ISO 32000-2, clauses 8 (graphics) and 9 (text), as far as they decide whether text is seen: its colour on its
ground, its size, its place, its rendering mode, its opacity and its layer. Forms are put in their place, so that one
list of operations is the whole page.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import (
    ArrayObject,
    ContentStream,
    DictionaryObject,
    FloatObject,
    NameObject,
    StreamObject,
)

from offramp.common.errors import UsageError
from offramp.draft.documents.pdf_inks import Ink, entry, ink_of, parts_of, resolved

Matrix = tuple[float, float, float, float, float, float]
Operation = tuple[list[Any], bytes]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
MAX_CONTENT = 10_000_000
"""Maximum bytes of a page's content, and of a form's."""
MAX_OPERATIONS = 500_000
"""Maximum number of operations of a page, with its forms."""
MAX_FORMS = 8
"""Maximum depth of forms in forms."""
MAX_GROUNDS = 300
"""Number of filled areas of a page that are remembered, the last ones."""
SMALLEST = 2.0
"""Smaller text, in points, is not seen."""
ALIKE = 0.06
"""Colours whose parts differ by no more than this share cannot be told apart as text and ground."""
SHOWING = {b"Tj": 0, b"TJ": 0, b"'": 0, b'"': 2}
"""The operators that show text, and which operand is the text."""
FILLING = frozenset((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"))
ENDING = frozenset((b"n", b"S", b"s")) | FILLING
POINTS = {b"m": 1, b"l": 1, b"c": 3, b"v": 2, b"y": 2}
"""Operators of a path, and how many points each takes."""
NO_FONT = NameObject("/None")


@dataclass(frozen=True)
class _State:
    """The graphics state; `parts`: how many numbers a colour has, None in a colour space of another kind."""

    matrix: Matrix = IDENTITY
    ink: Ink | None = (0.0, 0.0, 0.0)
    parts: int | None = 1
    mode: int = 0
    font: NameObject = NO_FONT
    size: float = 0.0
    spacing: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    opacity: float = 1.0
    drawn: bool = False


@dataclass
class ShownText:
    """Operations that show text, each at its place on the page, without any that draw."""

    operations: list[Operation] = field(default_factory=list)
    last: tuple[object, ...] = ()

    def add(self, shown: Any, operator: bytes, state: _State, matrix: Matrix) -> None:
        """Show a text in a state, at a place."""
        now = (state.font, state.size, state.spacing, matrix)
        if now[:2] != self.last[:2]:
            self.operations.append(([state.font, FloatObject(state.size)], b"Tf"))
        if now[2] != (self.last[2] if self.last else 0.0):
            self.operations.append(([FloatObject(state.spacing)], b"Tc"))
        if matrix != (self.last[3] if self.last else None):
            self.operations.append(([FloatObject(part) for part in matrix], b"Tm"))
        self.operations.append(([shown], operator))
        self.last = now


@dataclass
class PageContents:
    """What shows text that a reader sees, and by reason what shows other text; the fonts of both."""

    seen: ShownText = field(default_factory=ShownText)
    unseen: dict[str, ShownText] = field(default_factory=lambda: defaultdict(ShownText))
    fonts: DictionaryObject = field(default_factory=DictionaryObject)
    pictures: int = 0


def page_contents(page: PageObject, reader: PdfReader, hidden_layers: frozenset[int]) -> PageContents:
    """The operations of a page, by whether a reader sees the text that they show."""
    box = page.cropbox
    walk = _Walk(reader, hidden_layers, (float(box.left), float(box.bottom), float(box.right), float(box.top)))
    contents = page.get("/Contents")
    if contents is not None:
        walk.through(_operations(contents, reader), page.get("/Resources"))
    return walk.contents


def hidden_layers_of(reader: PdfReader) -> frozenset[int]:
    """The object numbers of the layers that are switched off when the document is opened."""
    properties = entry(reader.root_object, "/OCProperties")
    off = entry(entry(properties, "/D"), "/OFF")
    return frozenset(getattr(one, "idnum", -1) for one in off) if isinstance(off, ArrayObject) else frozenset()


class _Walk:
    """One way through a page and its forms."""

    def __init__(self, reader: PdfReader, hidden_layers: frozenset[int], box: tuple[float, ...]) -> None:
        self.reader = reader
        self.hidden_layers = hidden_layers
        self.box = box
        self.contents = PageContents()
        self.state = _State()
        self.saved: list[_State] = []
        self.text = self.line = IDENTITY
        self.path: list[tuple[float, float]] = []
        self.grounds: list[tuple[float, float, float, float, Ink | None]] = []
        self.layers: list[bool] = []
        self.names: dict[tuple[int, str], NameObject] = {}
        self.count = 0
        self.open_forms: list[int] = []
        self.forms: dict[int, Sequence[Operation]] = {}

    def through(self, operations: Sequence[Operation], resources: Any) -> None:
        """Go through the operations of a page or a form."""
        resources = resolved(resources)
        for operands, operator in operations:
            self.count += 1
            if self.count > MAX_OPERATIONS:
                raise UsageError(f"a page has more than {MAX_OPERATIONS:,} operations: give a simpler PDF, or its text")
            if operator in SHOWING:
                self.show(operands, operator)
            else:
                self.follow(operands, operator, resources)

    def show(self, operands: Sequence[Any], operator: bytes) -> None:
        """Put a text with what is seen, or with what is not."""
        if operator in (b"'", b'"'):  # they move to the next line first
            self.move(0.0, -self.state.leading)
        index = SHOWING[operator]
        if len(operands) > index:
            reason = self.reason_unseen(operands[index])
            shown = self.contents.seen if reason is None else self.contents.unseen[reason]
            matrix = times(self.text, self.state.matrix)
            shown.add(operands[index], b"TJ" if operator == b"TJ" else b"Tj", self.state, matrix)

    def follow(self, operands: Sequence[Any], operator: bytes, resources: Any) -> None:
        """Follow an operation that changes the state."""
        numbers = [float(one) for one in operands if isinstance(one, (int, float)) and math.isfinite(one)]
        state = self.state
        if operator == b"q":
            self.saved.append(state)
        elif operator == b"Q":
            if self.saved:
                self.state = self.saved.pop()
        elif operator == b"cm" and len(numbers) == 6:
            self.state = replace(state, matrix=times(_matrix(numbers), state.matrix))
        elif operator in (b"BT", b"ET"):
            self.text = self.line = IDENTITY
        elif operator == b"Tf" and len(operands) == 2 and numbers:
            self.set_font(operands, numbers[-1], resources)
        elif operator in (b"Td", b"TD") and len(numbers) == 2:
            if operator == b"TD":
                self.state = replace(state, leading=-numbers[1])
            self.move(*numbers)
        elif operator == b"Tm" and len(numbers) == 6:
            self.text = self.line = _matrix(numbers)
        elif operator == b"T*":
            self.move(0.0, -state.leading)
        elif operator in (b"TL", b"Tz", b"Tr", b"Tc") and len(numbers) == 1:
            self.set_text(operator, numbers[0])
        elif operator == b"gs" and operands:
            opacity = entry(entry(entry(resources, "/ExtGState"), operands[0]), "/ca")
            if isinstance(opacity, (int, float)):
                self.state = replace(state, opacity=float(opacity))
        elif operator in (b"BDC", b"BMC", b"EMC"):
            self.mark(operands, operator, resources)
        elif operator == b"Do" and operands:
            self.draw(entry(entry(resources, "/XObject"), operands[0]))
        elif operator in (b"INLINE IMAGE", b"sh"):
            self.picture()
        elif operator in POINTS or operator == b"re" or operator in ENDING:
            self.draw_path(operator, numbers)
        else:
            self.set_ink(operator, operands, numbers, resources)

    def set_text(self, operator: bytes, number: float) -> None:
        if operator == b"TL":
            self.state = replace(self.state, leading=number)
        elif operator == b"Tz":
            self.state = replace(self.state, stretch=number / 100.0)
        elif operator == b"Tr":
            self.state = replace(self.state, mode=int(number))
        elif operator == b"Tc":
            self.state = replace(self.state, spacing=number)

    def set_font(self, operands: Sequence[Any], size: float, resources: Any) -> None:
        """Give the font a name that no form uses for another font, as forms have names of their own."""
        fonts = entry(resources, "/Font")
        name = str(operands[0])
        if not isinstance(fonts, DictionaryObject) or name not in fonts:
            self.state = replace(self.state, font=NO_FONT, size=size)
            return
        key = (id(fonts), name)
        if key not in self.names:
            self.names[key] = NameObject(f"/F{len(self.names)}")
            self.contents.fonts[self.names[key]] = fonts.raw_get(name)
        self.state = replace(
            self.state, font=self.names[key], size=size, drawn=entry(entry(fonts, name), "/Subtype") == "/Type3"
        )

    def set_ink(self, operator: bytes, operands: Sequence[Any], numbers: list[float], resources: Any) -> None:
        """Follow the colour in which text is filled."""
        if operator == b"cs" and operands:
            self.state = replace(self.state, parts=parts_of(operands[0], resources), ink=(0.0, 0.0, 0.0))
        elif operator in (b"g", b"rg", b"k"):
            self.state = replace(self.state, ink=ink_of(numbers), parts=len(numbers))
        elif operator in (b"sc", b"scn"):
            known = self.state.parts is not None and len(numbers) == self.state.parts
            self.state = replace(self.state, ink=ink_of(numbers) if known else None)

    def move(self, right: float, up: float) -> None:
        self.text = self.line = times((1.0, 0.0, 0.0, 1.0, right, up), self.line)

    def mark(self, operands: Sequence[Any], operator: bytes, resources: Any) -> None:
        """Follow marked content, which may belong to a layer that is switched off."""
        if operator == b"EMC":
            if self.layers:
                self.layers.pop()
            return
        off = False
        if operator == b"BDC" and len(operands) == 2 and operands[0] == "/OC":
            properties = entry(resources, "/Properties")
            if isinstance(properties, DictionaryObject) and operands[1] in properties:
                off = getattr(properties.raw_get(operands[1]), "idnum", -1) in self.hidden_layers
        self.layers.append(off)

    def draw(self, drawn: Any) -> None:
        """Draw a picture, or go through a form in its place."""
        if not isinstance(drawn, StreamObject):
            return
        if drawn.get("/Subtype") != "/Form":
            self.picture()
            return
        if id(drawn) in self.open_forms or len(self.open_forms) >= MAX_FORMS:
            return
        before, depth, marks, text, line = self.state, len(self.saved), len(self.layers), self.text, self.line
        layer = drawn.raw_get("/OC") if "/OC" in drawn else None
        self.layers.append(getattr(layer, "idnum", -1) in self.hidden_layers)
        self.open_forms.append(id(drawn))
        matrix = entry(drawn, "/Matrix")
        if isinstance(matrix, ArrayObject) and len(matrix) == 6:
            numbers = [float(one) if isinstance(one, (int, float)) else 0.0 for one in matrix]
            self.state = replace(self.state, matrix=times(_matrix(numbers), self.state.matrix))
        if id(drawn) not in self.forms:
            self.forms[id(drawn)] = _operations(drawn, self.reader)
        self.through(self.forms[id(drawn)], drawn.get("/Resources"))
        self.open_forms.pop()
        self.state, self.text, self.line = before, text, line
        del self.saved[depth:], self.layers[marks:]

    def picture(self) -> None:
        """Remember where a picture is: text on it may have any colour."""
        self.contents.pictures += 1
        corners = [_point(self.state.matrix, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
        self.add_ground(corners, None)

    def draw_path(self, operator: bytes, numbers: list[float]) -> None:
        """Follow a path, and remember the area that it fills."""
        if operator == b"re" and len(numbers) == 4:
            x, y, width, height = numbers
            points = [(x, y), (x + width, y), (x, y + height), (x + width, y + height)]
            self.path += [_point(self.state.matrix, *point) for point in points]
        elif operator in POINTS and len(numbers) == 2 * POINTS[operator]:
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            self.path += [_point(self.state.matrix, *point) for point in pairs]
        elif operator in ENDING:
            if operator in FILLING and self.path and self.state.opacity > 0.5 and not any(self.layers):
                self.add_ground(self.path, self.state.ink)
            self.path = []

    def add_ground(self, points: Iterable[tuple[float, float]], ink: Ink | None) -> None:
        across, up = zip(*points, strict=True)
        box = (min(across), min(up), max(across), max(up))
        if box[2] - box[0] >= 4.0 and box[3] - box[1] >= 4.0:
            self.grounds.append((*box, ink))
            del self.grounds[:-MAX_GROUNDS]

    def reason_unseen(self, shown: Any) -> str | None:
        """Why a reader does not see a text at the present place, as a kind of `Dropped`, or None."""
        state = self.state
        matrix = times(self.text, state.matrix)
        height = abs(state.size) * math.hypot(matrix[2], matrix[3])
        width = abs(state.size * state.stretch) * math.hypot(matrix[0], matrix[1])
        if any(self.layers):
            return "layers"
        if state.mode in (3, 7):
            return "invisible"
        if state.opacity < 0.05:
            return "transparent"
        if min(height, width) < SMALLEST and not state.drawn:
            return "tiny"
        x, y = matrix[4], matrix[5]
        left, bottom, right, top = self.box
        reach = width * _length(shown) if abs(matrix[1]) < abs(matrix[0]) else height
        if not (x < right and y < top and y + height > bottom and x + max(reach, width) > left):
            return "outside"
        if state.mode in (0, 4) and state.ink is not None:
            middle = (x + 0.2 * width, y + 0.3 * height)
            ground = self.ground_at(*middle)
            if ground is not None and max(abs(a - b) for a, b in zip(state.ink, ground, strict=True)) <= ALIKE:
                return "white" if min(state.ink) > 0.9 else "inkless"
        return None

    def ground_at(self, x: float, y: float) -> Ink | None:
        """The colour of a place, None if it is not known; paper is white."""
        for left, bottom, right, top, ink in reversed(self.grounds):
            if left <= x <= right and bottom <= y <= top:
                return ink
        return (1.0, 1.0, 1.0)


def _operations(contents: Any, reader: PdfReader) -> Sequence[Operation]:
    """The operations of a page's contents or of a form."""
    stream = ContentStream(contents, reader, "bytes")
    if len(stream.get_data()) > MAX_CONTENT:
        raise UsageError(f"a page has more than {MAX_CONTENT:,} bytes of drawing: give a simpler PDF, or its text")
    return stream.operations


def times(one: Matrix, other: Matrix) -> Matrix:
    """The product of two transformations; `one` is applied first."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _matrix(numbers: Sequence[float]) -> Matrix:
    a, b, c, d, e, f = numbers
    return (a, b, c, d, e, f)


def _point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _length(shown: Any) -> int:
    """About how many characters a text has."""
    texts = shown if isinstance(shown, ArrayObject) else [shown]
    return sum(len(text) for text in texts if isinstance(text, (str, bytes)))
