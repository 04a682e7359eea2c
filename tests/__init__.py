import microtorch.nn  # is imported on demand: else it would not be in vars(microtorch), where expressions find their names
