"""Real servers, real services, a scripted provider and clients that keep count."""
