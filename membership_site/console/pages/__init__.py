"""What the staff's pages show: frozen values assembled from the rooms' queries, ready for the templates."""
