"""The recount of the demo by another route than the services: from the log of what was sent, no code of services/."""
