"""The kinds of answer: a value, choices, a function that is called, something that has to pass tests, predictions."""
