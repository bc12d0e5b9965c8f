"""Reusable audio: the original sound of each video, with its waveform. Knows no video, only the asset it came with."""
