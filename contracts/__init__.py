"""What is said between the services, as data first, and the few promises that each of them keeps."""
