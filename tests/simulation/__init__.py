"""Leaders who live a month with the whole bot, by a script, in no time. Run by `make simulate`."""
