"""A factory of planted defects: kinds x ways to write a file x places. Each file has one, and none may pass unsaid."""
