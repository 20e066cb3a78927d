"""What is kept: the database, the sealing of what must stay private, and the tables' history."""
