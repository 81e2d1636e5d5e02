"""Mutation testing by hand: plausible bugs, each with the tests that must fail while it is there.

``python -m tests.mutations`` plants one bug after the other in a copy of the project and runs its tests.
"""
