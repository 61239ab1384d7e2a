"""The metrics, one family a file, each with ``METRICS``; files that begin with an underscore hold what they share."""
