"""Fragments to a presentation: segments, playlists, MPD, publication, and the auditor."""
