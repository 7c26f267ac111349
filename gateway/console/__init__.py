"""The operators' web pages: GraphiQL, the traces of the last requests, the sandbox's personas."""
