"""Errors without the frames in which they arose, once these have been told to whom they concern."""

from graphql import GraphQLError


def forget_frames(error: BaseException) -> None:
    """Take its traceback from an error, and theirs from what caused it.

    The frames hold all that there was of the request, the error itself included: together they would wait for the
    garbage collector.
    """
    found: list[BaseException | None] = [error]
    seen: set[int] = set()
    while found:
        one = found.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = None
        found += (one.__cause__, one.__context__)
        if isinstance(one, GraphQLError):
            found.append(one.original_error)
