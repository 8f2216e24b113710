"""What `status` shows: feeds, last build, current release."""
