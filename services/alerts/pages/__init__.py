"""The pages alerts shows without a token, on the operations port: the city wall."""
