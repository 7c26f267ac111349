"""The chaos suite: departments in trouble one after the other, then the store, under a small steady load."""
