"""Views: events and results as text, lines, a live tree or JSON, all from the same records."""
