"""Chunks to CMAF fragments on Ray. Argument building is pure; the task does I/O."""
