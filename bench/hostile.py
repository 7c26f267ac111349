"""Documents that are made to be dear: some dozens of classes, each as large as the limits let through.

In a form, `%` is the number of the repetition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphql import GraphQLSchema, build_schema, get_introspection_query

_WIDE = range(120)
SDL = f"""
scalar Any
interface Node {{ id: ID, self: Query, node: Node }}
union Either = Query | Office
input Nested {{ a: Int, of: Nested, all: [Nested] }}
input Wide {{ {" ".join(f"someRatherLongInputField{n}: Int" for n in _WIDE)} }}
enum Kind {{ {" ".join(f"SOME_RATHER_LONG_VALUE_{n}" for n in _WIDE)} }}
directive @mark(a: Int) repeatable on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | QUERY | VARIABLE_DEFINITION
type Office implements Node {{
  id: ID, self: Query, node: Node
  {" ".join(f"someRatherLongFieldName{n}: Int" for n in _WIDE)}
}}
type Query implements Node {{
  id: ID, a: Int, b: Int, self: Query, node: Node, either: Either, office: Office, many: [Query]
  any(value: Any): Any
  kind(of: Kind): Int
  nested(in: Nested): Query
  wide(in: Wide, {", ".join(f"someRatherLongArgument{n}: Int" for n in _WIDE)}): Query
}}
type Mutation {{ a: Int }}
type Subscription {{ a: Int, b: Int }}
"""
Make = Callable[[int], str]


def schema() -> GraphQLSchema:
    """A schema that has what every class needs: recursion, interfaces, unions, wide types and inputs."""
    return build_schema(SDL)


def largest(make: Make, admits: Callable[[str], bool], most: int = 70_000) -> str:
    """The largest document of a class that is let through."""
    low, high = 1, 2
    while high <= most and admits(make(high)):
        low, high = high, high * 2
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (middle, high) if admits(make(middle)) else (low, middle)
    return make(low)


def _many(count: int, form: str, between: str = " ") -> str:
    return between.join(form.replace("%", str(n)) for n in range(count))


def _spaced(head: str, form: str, tail: str) -> Make:
    """The form again and again."""
    return lambda n: f"{head} {_many(n, form)} {tail}"


def _joined(head: str, form: str, tail: str) -> Make:
    """The same without blanks."""
    return lambda n: f"{head}{form * n}{tail}"


def _within(head: str, before: str, middle: str, after: str, tail: str) -> Make:
    """The form within itself."""
    return lambda n: f"{head}{before * n}{middle}{after * n}{tail}"


def _both(head: str, form: str, between: str, other: str, tail: str = "") -> Make:
    """Two forms, each again and again."""
    return lambda n: f"{head} {_many(n, form)} {between} {_many(n, other)} {tail}"


def _fields(form: str) -> Make:
    return _spaced("{ self {", form, "} }")


def _links(name: str, count: int, body: str = "a ...{next}", last: str = "a") -> str:
    """A chain of fragments, of which each spreads the next."""
    links = (f"fragment {name}{i} on Query {{ {body.format(next=f'{name}{i + 1}')} }}" for i in range(count))
    return " ".join([*links, f"fragment {name}{count} on Query {{ {last} }}"])


def _chain(body: str, last: str, start: str = "{ self { ...f0 } }") -> Make:
    return lambda n: f"{start} {_links('f', n, body, last)}"


def _each(form: Callable[[int, int], str], head: str = "{ ...f0 }") -> Make:
    """Fragments whose fields depend on their number and on how many there are."""
    return lambda n: f"{head} {' '.join(f'fragment f{i} on Query {{ {form(i, n)} }}' for i in range(n))}"


def _later(i: int, n: int) -> str:
    return " ".join(f"...f{j}" for j in range(i + 1, n))


def _square(n: int) -> str:
    count = max(1, int(n**0.5))
    each = f"self {{ {_many(count, '...f%')} }} "
    return f"{{ self {{ {each * count} }} }} {_many(count, 'fragment f% on Query { a }')}"


def _of_many_operations(n: int) -> str:
    query = f"query q%({_many(n, '$v%: Int').replace('%', '0')}) {{ ...f }}"
    return f"{_many(max(1, n // 3), query)} fragment f on Query {{ any(value: [{_many(n, '$v%')}]) }}"


def _halves(first: str, second: str) -> Make:
    return lambda n: "{ self { " + first * (n // 2) + second * (n // 2) + "} }"


_INTROSPECTED = "x%: __schema { types { fields { args { type { name } } } } }"
CLASSES: Mapping[str, Make] = {
    # fields and response names
    "same leaf": _fields("a"),
    "same leaf with arguments": _fields("kind(of: SOME_RATHER_LONG_VALUE_1)"),
    "same composite": _fields("self { a }"),
    "same composite deep": _fields("self { " * 8 + "a" + " }" * 8),
    "same composite wide": _fields("self { " + "a b id " * 5 + "}"),
    "conflicting leaves": _fields("a: b a: id"),
    "conflicting aliases": _halves("x: a ", "x: b "),
    "conflicting arguments": _fields("any(value: %)"),
    "conflicting long arguments": _fields(f'any(value: "{"x" * 4000}") any(value: "{"y" * 4000}")'),
    "conflicts at depth": _fields("self { self { self { any(value: %) } } }"),
    "many aliases": _fields("x%: self { x%: a }"),
    "deep nesting": _within("{ ", "self { ", "a", " }", " }"),
    "deep and wide": _fields("self { self { self { self { a b id node { id } } } } }"),
    # fragments
    "inline fragments": _fields("... { a }"),
    "inline fragments nested": _within("{ ", "... { ", "a", " }", " }"),
    "inline fragments on types": _spaced("{ node {", "... on Query { self { a } } ... on Office { self { a } }", "} }"),
    "inline fragments empty of fields": _spaced("{ a", "... @include(if: true) { a }", "}"),
    "fragments beside each other": _both("{ self {", "...f%", "} }", "fragment f% on Query { a }"),
    "fragments of composites beside": _both("{ self {", "...f%", "} }", "fragment f% on Query { self { a } }"),
    "fragments chained leaf": _chain("a ...{next}", "a"),
    "fragments chained alone": _chain("...{next}", "a"),
    "fragments chained composite": _chain("self {{ a }} ...{next}", "self { a }"),
    "fragments chained twice": _chain("a ...{next}", "a", "{ self { self { ...f0 } self { ...f0 } } }"),
    "fragments two chains": lambda n: f"{{ self {{ ...f0 ...g0 }} }} {_links('f', n)} {_links('g', n)}",
    "fragments to all later": _each(lambda i, n: "a " + _later(i, n)),
    "fragments to all later alone": _each(lambda i, n: _later(i, n) or "a"),
    "fragments doubling": _chain("self {{ ...{next} }} self {{ ...{next} }}", "a", "{ ...f0 }"),
    "fragments doubling spreads alone": _chain("...{next} ...{next}", "id", "{ ...f0 }"),
    "fragment spread again and again": _spaced("{ self {", "...f", "} } fragment f on Query { a }"),
    "fragment spread in every field": _spaced("{ self {", "self { ...f }", "} } fragment f on Query { a }"),
    "fragments in every field": _square,
    "fragments cyclic": _each(lambda i, n: f"a ...f{(i + 1) % n}"),
    "fragments cyclic with themselves": _each(lambda i, n: f"a ...f{i}"),
    "fragments all to all": _each(lambda i, n: _many(n, "...f%")),
    "fragments cyclic through fields": _each(lambda i, n: f"self {{ ...f{(i + 1) % n} }} many {{ ...f{(i + 2) % n} }}"),
    "fragments unused": _each(lambda i, n: "a", "{ a }"),
    "fragments of one name": _spaced("{ ...f }", "fragment f on Query { a }", ""),
    "fragments unknown": _fields("...f%"),
    "fragments impossible": _fields("... on Office { id }"),
    "fragments used by many operations": lambda n: (
        f"{_many(max(1, n // 2), 'query q% { self { ...f0 } }')} {_links('f', max(1, n // 2))}"
    ),
    # operations and variables
    "operations": _spaced("", "query q% { a }", ""),
    "operations of one name": _spaced("", "query q { a }", ""),
    "operations anonymous": _spaced("", "{ a }", ""),
    "operations of subscription": _spaced("", "subscription s% { a b }", ""),
    "variables": _both("query (", "$v%: Int", ") { self {", "any(value: $v%)", "} }"),
    "variables aliased": _both("query (", "$v%: Int", ") { self { any(value: [", "$v%", "]) } }"),
    "variables unused": _spaced("query (", "$v%: Int", ") { a }"),
    "variables undefined": _spaced("query { any(value: [", "$v%", "]) }"),
    "variables of one name": _spaced("query (", "$v: Int", ") { any(value: $v) }"),
    "variables of unknown type": _both("query (", "$v%: Itn", ") { any(value: [", "$v%", "]) }"),
    "variables of many operations in fragments": _of_many_operations,
    "variables with deep types": _within("query ($v: ", "[", "Int", "]", ") { any(value: $v) }"),
    # arguments, values, directives
    "arguments of one name": _spaced("{ kind(", "of: SOME_RATHER_LONG_VALUE_1", ") }"),
    "arguments unknown": _spaced("{ wide(", "someRatherLongArgumentX%: 1", ") { a } }"),
    "values of enum unknown": _fields("kind(of: SOME_RATHER_LONG_VALU_%)"),
    "input fields unknown": _spaced("{ wide(in: {", "someRatherLongInputFeild%: 1", "}) { a } }"),
    "input fields of one name": _spaced("{ wide(in: {", "someRatherLongInputField1: 1", "}) { a } }"),
    "input nested": _within("{ nested(in: ", "{of: ", "null", "}", ") { a } }"),
    "input list of objects": _spaced("{ nested(in: {all: [", "{a: 1}", "]}) { a } }"),
    "input of wrong type": _spaced("{ nested(in: {all: [", '{a: "x"}', "]}) { a } }"),
    "literal list": _spaced("{ any(value: [", "1", "]) }"),
    "literal nested": _within("{ any(value: ", "[", "", "]", ") }"),
    "literal objects nested": _within("{ any(value: ", "{a: ", "1", "}", ") }"),
    "literal string huge": _joined('{ any(value: "', "x", '") }'),
    "literal string of escapes": _joined('{ any(value: "', "\\u4E00", '") }'),
    "literal string of wrong type": _joined('{ wide(someRatherLongArgument1: "', "x", '") { a } }'),
    "literal block string": _joined('{ any(value: """', "\n  x", '""") }'),
    "literal number huge": _joined("{ wide(someRatherLongArgument1: ", "9", ") { a } }"),
    "literal float huge": _joined("{ any(value: 1.", "9", "e9) }"),
    "directives": _spaced("{ a", "@mark(a: 1)", "}"),
    "directives not repeatable": _spaced("{ a", "@skip(if: true)", "}"),
    "directives unknown": _spaced("{ a", "@inclued%", "}"),
    "directives on every field": _spaced("query ($v: Boolean!) { self {", "a @include(if: $v)", "} }"),
    # names and noise
    "fields unknown": _spaced("{ office {", "someRatherLongFeildNam%", "} }"),
    "fields unknown near": _spaced("{ office {", "someRatherLongFieldName1%x", "} }"),
    "fields unknown long": _spaced("{ office {", "z%" + "x" * 30, "} }"),
    "fields unknown on interface": _spaced("{ node {", "someRatherLongFeildNam%", "} }"),
    "types unknown": _fields("... on Qeury% { a }"),
    "leaves with selections": _fields("a { b }"),
    "composites without selections": _fields("self"),
    "name very long": _joined("{ ", "x", " }"),
    "alias very long": _joined("{ ", "x", ": a " + "x" * 20 + ": b }"),
    "comments": _joined("{ a }", "#\n", ""),
    "comment very long": _joined("{ a } #", "x", ""),
    "commas": _joined("{ a", ",", " }"),
    "line feeds": _joined("{ a", "\r\n", " }"),
    "syntax error at the end": _joined("{ self { ", "a\n", "} } }"),
    "descriptions": _spaced('"""d""" query q { a }', '"d" fragment f% on Query { a }', ""),
    "type definitions": _spaced("{ a }", "type T% { a: Int }", ""),
    "introspection wide": _spaced("{ __schema {", "types { name fields { name } }", "} }"),
    "introspection deep": _within('{ __type(name: "Query") { ', "fields { type { ", "name", " } }", " } }"),
    "introspection by tools": _joined(get_introspection_query(), " ", ""),
    "introspection again and again": _spaced("{", _INTROSPECTED, "}"),
    # errors: each has a message, which may quote, and places, which are found by counting lines
    "conflicts after line feeds": _joined("{ self {", "\n", _many(30, "any(value: %)") + " } }"),
    "unknown after line feeds": _joined("{ self {", "\n", _many(30, "unknown%") + " } }"),
    "quoted again and again": _spaced("{ wide(in: {", 'x%: "' + "y" * 600 + '"', "}) { a } }"),
    "fragments cyclic in a long circle": _each(lambda i, n: f"...f{(i + 1) % n} ...f0"),
}
