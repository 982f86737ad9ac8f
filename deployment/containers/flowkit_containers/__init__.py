"""FlowKit in containers: images, one host under compose, and the tests of the stacks."""
