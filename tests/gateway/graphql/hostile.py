"""Documents that are made to be dear: some dozens of classes, each as large as the limits let through."""

from collections.abc import Callable

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
CLASSES: dict[str, Make] = {}


def schema() -> GraphQLSchema:
    """A schema that has what every class needs: recursion, interfaces, unions, wide types and inputs."""
    return build_schema(SDL)


def _class(make: Make) -> Make:
    CLASSES[make.__name__.replace("_", " ")] = make
    return make


def many(count: int, form: str) -> str:
    """The form with `@` as 0, 1, 2 ..., joined by spaces."""
    return " ".join(form.replace("@", str(n)) for n in range(count))


def largest(make: Make, admits: Callable[[str], bool], most: int = 70_000) -> str:
    """The largest document of a class that is let through."""
    low, high = 1, 2
    while high <= most and admits(make(high)):
        low, high = high, high * 2
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (middle, high) if admits(make(middle)) else (low, middle)
    return make(low)


# Fields and response names


@_class
def same_leaf(n: int) -> str:
    return "{ self { " + "a " * n + "} }"


@_class
def same_leaf_with_arguments(n: int) -> str:
    return "{ self { " + "kind(of: SOME_RATHER_LONG_VALUE_1) " * n + "} }"


@_class
def same_composite(n: int) -> str:
    return "{ self { " + "self { a } " * n + "} }"


@_class
def same_composite_deep(n: int) -> str:
    return "{ self { " + ("self { " * 8 + "a" + " }" * 8 + " ") * n + "} }"


@_class
def same_composite_wide(n: int) -> str:
    return "{ self { " + ("self { " + "a b id " * 5 + "} ") * n + "} }"


@_class
def conflicting_leaves(n: int) -> str:
    return "{ self { " + "a: b a: id " * n + "} }"


@_class
def conflicting_aliases(n: int) -> str:
    return "{ self { " + "x: a " * (n // 2) + "x: b " * (n // 2) + "} }"


@_class
def conflicting_arguments(n: int) -> str:
    return "{ self { " + many(n, "any(value: @)") + " } }"


@_class
def conflicting_long_arguments(n: int) -> str:
    return "{ self { " + f'any(value: "{"x" * 4000}") any(value: "{"y" * 4000}") ' * n + "} }"


@_class
def conflicts_at_depth(n: int) -> str:
    return "{ self { " + many(n, "self { self { self { any(value: @) } } }") + " } }"


@_class
def many_aliases(n: int) -> str:
    return "{ self { " + many(n, "x@: self { x@: a }") + " } }"


@_class
def deep_nesting(n: int) -> str:
    return "{ " + "self { " * n + "a" + " }" * n + " }"


@_class
def deep_and_wide(n: int) -> str:
    return "{ self {" + (" self { self { self { self { a b id node { id } } } } }") * n + "} }"


# Fragments


@_class
def inline_fragments(n: int) -> str:
    return "{ self { " + "... { a } " * n + "} }"


@_class
def inline_fragments_nested(n: int) -> str:
    return "{ " + "... { " * n + "a" + " }" * n + " }"


@_class
def inline_fragments_on_types(n: int) -> str:
    return "{ node { " + "... on Query { self { a } } ... on Office { self { a } } " * n + "} }"


@_class
def inline_fragments_empty_of_fields(n: int) -> str:
    return "{ a " + "... @include(if: true) { a } " * n + "}"


@_class
def fragments_beside_each_other(n: int) -> str:
    return "{ self { " + many(n, "...f@") + " } } " + many(n, "fragment f@ on Query { a }")


@_class
def fragments_of_composites_beside(n: int) -> str:
    return "{ self { " + many(n, "...f@") + " } } " + many(n, "fragment f@ on Query { self { a } }")


def _links(name: str, n: int) -> str:
    links = " ".join(f"fragment {name}{i} on Query {{ a ...{name}{i + 1} }}" for i in range(n))
    return f" {links} fragment {name}{n} on Query {{ a }}"


def _chain(n: int, body: str) -> str:
    links = " ".join(f"fragment f{i} on Query {{ {body} ...f{i + 1} }}" for i in range(n))
    return f"{{ self {{ ...f0 }} }} {links} fragment f{n} on Query {{ {body or 'a'} }}"


@_class
def fragments_chained_leaf(n: int) -> str:
    return _chain(n, "a")


@_class
def fragments_chained_alone(n: int) -> str:
    return _chain(n, "")


@_class
def fragments_chained_composite(n: int) -> str:
    return _chain(n, "self { a }")


@_class
def fragments_chained_twice(n: int) -> str:
    return _chain(n, "a").replace("{ self { ...f0 } }", "{ self { self { ...f0 } self { ...f0 } } }", 1)


@_class
def fragments_two_chains(n: int) -> str:
    return _chain(n, "a").replace("...f0", "...f0 ...g0") + _links("g", n)


@_class
def fragments_to_all_later(n: int) -> str:
    return "{ ...f0 } " + " ".join(
        f"fragment f{i} on Query {{ a {' '.join(f'...f{j}' for j in range(i + 1, n))} }}" for i in range(n)
    )


@_class
def fragments_to_all_later_alone(n: int) -> str:
    spreads = ((i, " ".join(f"...f{j}" for j in range(i + 1, n)) or "a") for i in range(n))
    return "{ ...f0 } " + " ".join(f"fragment f{i} on Query {{ {rest} }}" for i, rest in spreads)


@_class
def fragments_doubling(n: int) -> str:
    links = " ".join(f"fragment f{i} on Query {{ self {{ ...f{i + 1} }} self {{ ...f{i + 1} }} }}" for i in range(n))
    return f"{{ ...f0 }} {links} fragment f{n} on Query {{ a }}"


@_class
def fragments_doubling_spreads_alone(n: int) -> str:
    links = " ".join(f"fragment f{i} on Query {{ ...f{i + 1} ...f{i + 1} }}" for i in range(n))
    return f"{{ ...f0 }} {links} fragment f{n} on Query {{ id }}"


@_class
def fragment_spread_again_and_again(n: int) -> str:
    return "{ self { " + "...f " * n + "} } fragment f on Query { a }"


@_class
def fragment_spread_in_every_field(n: int) -> str:
    return "{ self { " + "self { ...f } " * n + "} } fragment f on Query { a }"


@_class
def fragments_in_every_field(n: int) -> str:
    count = max(1, int(n**0.5))
    spreads = many(count, "...f@")
    return "{ self { " + f"self {{ {spreads} }} " * count + "} } " + many(count, "fragment f@ on Query { a }")


@_class
def fragments_cyclic(n: int) -> str:
    return "{ ...f0 } " + " ".join(f"fragment f{i} on Query {{ a ...f{(i + 1) % n} }}" for i in range(n))


@_class
def fragments_cyclic_with_themselves(n: int) -> str:
    return "{ ...f0 } " + many(n, "fragment f@ on Query { a ...f@ }")


@_class
def fragments_all_to_all(n: int) -> str:
    every = many(n, "...f@")
    return "{ ...f0 } " + many(n, f"fragment f# on Query {{ {every} }}".replace("@", "%").replace("#", "@"))


@_class
def fragments_cyclic_through_fields(n: int) -> str:
    return "{ ...f0 } " + " ".join(
        f"fragment f{i} on Query {{ self {{ ...f{(i + 1) % n} }} many {{ ...f{(i + 2) % n} }} }}" for i in range(n)
    )


@_class
def fragments_unused(n: int) -> str:
    return "{ a } " + many(n, "fragment f@ on Query { a }")


@_class
def fragments_of_one_name(n: int) -> str:
    return "{ ...f } " + "fragment f on Query { a } " * n


@_class
def fragments_unknown(n: int) -> str:
    return "{ self { " + many(n, "...f@") + " } }"


@_class
def fragments_impossible(n: int) -> str:
    return "{ self { " + "... on Office { id } " * n + "} }"


@_class
def fragments_used_by_many_operations(n: int) -> str:
    half = max(1, n // 2)
    return many(half, "query q@ { self { ...f0 } }") + _links("f", half)


# Operations and variables


@_class
def operations(n: int) -> str:
    return many(n, "query q@ { a }")


@_class
def operations_of_one_name(n: int) -> str:
    return "query q { a } " * n


@_class
def operations_anonymous(n: int) -> str:
    return "{ a } " * n


@_class
def operations_of_subscription(n: int) -> str:
    return many(n, "subscription s@ { a b }")


@_class
def variables(n: int) -> str:
    return "query (" + many(n, "$v@: Int") + ") { self { " + many(n, "any(value: $v@)") + " } }"


@_class
def variables_aliased(n: int) -> str:
    return "query (" + many(n, "$v@: Int") + ") { self { any(value: [" + many(n, "$v@") + "]) } }"


@_class
def variables_unused(n: int) -> str:
    return "query (" + many(n, "$v@: Int") + ") { a }"


@_class
def variables_undefined(n: int) -> str:
    return "query { any(value: [" + many(n, "$v@") + "]) }"


@_class
def variables_of_one_name(n: int) -> str:
    return "query (" + "$v: Int " * n + ") { any(value: $v) }"


@_class
def variables_of_unknown_type(n: int) -> str:
    return "query (" + many(n, "$v@: Itn") + ") { any(value: [" + many(n, "$v@") + "]) }"


@_class
def variables_of_many_operations_in_fragments(n: int) -> str:
    uses = many(n, "$v@")
    half = max(1, n // 3)
    return (
        many(half, f"query q@({many(n, '$v%: Int')}) {{ ...f }}".replace("%", "0"))
        + f" fragment f on Query {{ any(value: [{uses}]) }}"
    )


@_class
def variables_with_deep_types(n: int) -> str:
    return "query ($v: " + "[" * n + "Int" + "]" * n + ") { any(value: $v) }"


# Arguments, values, directives


@_class
def arguments_of_one_name(n: int) -> str:
    return "{ kind(" + "of: SOME_RATHER_LONG_VALUE_1 " * n + ") }"


@_class
def arguments_unknown(n: int) -> str:
    return "{ wide(" + many(n, "someRatherLongArgumentX@: 1") + ") { a } }"


@_class
def values_of_enum_unknown(n: int) -> str:
    return "{ self { " + many(n, "kind(of: SOME_RATHER_LONG_VALU_@)") + " } }"


@_class
def input_fields_unknown(n: int) -> str:
    return "{ wide(in: {" + many(n, "someRatherLongInputFeild@: 1") + "}) { a } }"


@_class
def input_fields_of_one_name(n: int) -> str:
    return "{ wide(in: {" + "someRatherLongInputField1: 1 " * n + "}) { a } }"


@_class
def input_nested(n: int) -> str:
    return "{ nested(in: " + "{of: " * n + "null" + "}" * n + ") { a } }"


@_class
def input_list_of_objects(n: int) -> str:
    return "{ nested(in: {all: [" + "{a: 1} " * n + "]}) { a } }"


@_class
def input_of_wrong_type(n: int) -> str:
    return "{ nested(in: {all: [" + '{a: "x"} ' * n + "]}) { a } }"


@_class
def literal_list(n: int) -> str:
    return "{ any(value: [" + "1 " * n + "]) }"


@_class
def literal_nested(n: int) -> str:
    return "{ any(value: " + "[" * n + "]" * n + ") }"


@_class
def literal_objects_nested(n: int) -> str:
    return "{ any(value: " + "{a: " * n + "1" + "}" * n + ") }"


@_class
def literal_string_huge(n: int) -> str:
    return '{ any(value: "' + "x" * n + '") }'


@_class
def literal_string_of_escapes(n: int) -> str:
    return '{ any(value: "' + "\\u4E00" * n + '") }'


@_class
def literal_string_of_wrong_type(n: int) -> str:
    return '{ wide(someRatherLongArgument1: "' + "x" * n + '") { a } }'


@_class
def literal_block_string(n: int) -> str:
    return '{ any(value: """' + "\n  x" * n + '""") }'


@_class
def literal_number_huge(n: int) -> str:
    return "{ wide(someRatherLongArgument1: " + "9" * n + ") { a } }"


@_class
def literal_float_huge(n: int) -> str:
    return "{ any(value: 1." + "9" * n + "e9) }"


@_class
def directives(n: int) -> str:
    return "{ a " + "@mark(a: 1) " * n + "}"


@_class
def directives_not_repeatable(n: int) -> str:
    return "{ a " + "@skip(if: true) " * n + "}"


@_class
def directives_unknown(n: int) -> str:
    return "{ a " + many(n, "#inclued@").replace("#", "@") + " }"


@_class
def directives_on_every_field(n: int) -> str:
    return "query ($v: Boolean!) { self { " + "a @include(if: $v) " * n + "} }"


# Names and noise


@_class
def fields_unknown(n: int) -> str:
    return "{ office { " + many(n, "someRatherLongFeildNam@") + " } }"


@_class
def fields_unknown_near(n: int) -> str:
    return "{ office { " + many(n, "someRatherLongFieldName1@x") + " } }"


@_class
def fields_unknown_long(n: int) -> str:
    return "{ office { " + many(n, "z@" + "x" * 30) + " } }"


@_class
def fields_unknown_on_interface(n: int) -> str:
    return "{ node { " + many(n, "someRatherLongFeildNam@") + " } }"


@_class
def types_unknown(n: int) -> str:
    return "{ self { " + many(n, "... on Qeury@ { a }") + " } }"


@_class
def leaves_with_selections(n: int) -> str:
    return "{ self { " + "a { b } " * n + "} }"


@_class
def composites_without_selections(n: int) -> str:
    return "{ self { " + "self " * n + "} }"


@_class
def name_very_long(n: int) -> str:
    return "{ " + "x" * n + " }"


@_class
def alias_very_long(n: int) -> str:
    return "{ " + "x" * n + ": a " + "x" * 20 + ": b }"


@_class
def comments(n: int) -> str:
    return "{ a }" + "#\n" * n


@_class
def comment_very_long(n: int) -> str:
    return "{ a } #" + "x" * n


@_class
def commas(n: int) -> str:
    return "{ a" + "," * n + " }"


@_class
def line_feeds(n: int) -> str:
    return "{ a" + "\r\n" * n + " }"


@_class
def syntax_error_at_the_end(n: int) -> str:
    return "{ self { " + "a\n" * n + "} } }"


@_class
def descriptions(n: int) -> str:
    return '"""d""" query q { a } ' + many(n, '"d" fragment f@ on Query { a }')


@_class
def type_definitions(n: int) -> str:
    return "{ a } " + many(n, "type T@ { a: Int }")


@_class
def introspection_wide(n: int) -> str:
    return "{ __schema { " + "types { name fields { name } } " * n + "} }"


@_class
def introspection_deep(n: int) -> str:
    return '{ __type(name: "Query") { ' + "fields { type { " * n + "name" + " } }" * n + " } }"


@_class
def introspection_by_tools(n: int) -> str:
    return get_introspection_query() + " " * n


@_class
def introspection_again_and_again(n: int) -> str:
    return "{ " + many(n, "x@: __schema { types { fields { args { type { name } } } } }") + " }"


# Errors: each has a message, which may quote, and places, which are found by counting lines


@_class
def conflicts_after_line_feeds(n: int) -> str:
    return "{ self {" + "\n" * n + many(30, "any(value: @)") + " } }"


@_class
def unknown_after_line_feeds(n: int) -> str:
    return "{ self {" + "\n" * n + many(30, "unknown@") + " } }"


@_class
def quoted_again_and_again(n: int) -> str:
    return "{ wide(in: {" + many(n, 'x@: "' + "y" * 600 + '"') + "}) { a } }"


@_class
def fragments_cyclic_in_a_long_circle(n: int) -> str:
    links = " ".join(f"fragment f{i} on Query {{ ...f{(i + 1) % n} ...f0 }}" for i in range(n))
    return f"{{ ...f0 }} {links}"
