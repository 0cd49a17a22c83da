"""The contracts in the forms that other tools read: JSON Schema, AsyncAPI, OpenAPI (see `contracts.describe`)."""
