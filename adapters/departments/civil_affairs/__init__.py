"""Civil Affairs Bureau (民政局): the register of persons."""
