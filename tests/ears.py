"""The ears of the real-call tests: what a recording holds, measured.

Every function takes a WAV file of 16 bit and one channel, and times in seconds from its start;
levels are dB below full scale, so a full-scale sine has an rms of -3 and a tone level of 0.
"""

from __future__ import annotations

import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

SILENCE_DBFS = -120.0
_LOWEST_VOICE, _HIGHEST_VOICE = 60.0, 400.0
_PITCH_WINDOW, _SPEECH_WINDOW = 0.04, 0.02


class Found(NamedTuple):
    """Where one sound lies in another, in seconds, and how alike they are there (0 to 1)."""

    at: float
    score: float


class Heard(NamedTuple):
    """A sound that can be measured: its samples from -1 to 1, and how many make a second."""

    samples: Samples
    rate: int

    def cut(self, start: float, end: float | None) -> Samples:
        """Return the samples between two times; raises ValueError when there are none."""
        last = None if end is None else round(end * self.rate)
        piece = self.samples[round(start * self.rate) : last]
        if not piece.size:
            raise ValueError(f"nothing was heard from {start} to {end} s")
        return piece


def listen(wav: Path) -> Heard:
    """Return what the file holds; raises ValueError when it is not 16 bit, one channel."""
    with wave.open(str(wav), "rb") as file:
        if (file.getsampwidth(), file.getnchannels()) != (2, 1):
            raise ValueError(f"{wav} is not 16 bit, one channel")
        raw = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return Heard(raw.astype(np.float64) / 32768, file.getframerate())


def write(wav: Path, samples: Samples, rate: int = 8000) -> Path:
    """Write the samples (-1 to 1) as a WAV file; return its path."""
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return wav


def tone(wav: Path, hertz: float, seconds: float, level: float = 0.5) -> Path:
    """Write a sine of this amplitude as a WAV file of 8 kHz; return its path."""
    time = np.arange(round(seconds * 8000)) / 8000
    return write(wav, level * np.sin(2 * np.pi * hertz * time))


def duration(wav: Path) -> float:
    """Return how many seconds the file lasts."""
    heard = listen(wav)
    return heard.samples.size / heard.rate


def rms_dbfs(wav: Path, start: float = 0, end: float | None = None) -> float:
    """Return the loudness between two times, -120 for silence."""
    return _decibel(float(np.sqrt(np.mean(listen(wav).cut(start, end) ** 2))))


def tone_level(wav: Path, hertz: float, start: float = 0, end: float | None = None) -> float:
    """Return the level of one frequency between two times: 0 for a sine of full scale."""
    heard = listen(wav)
    piece = heard.cut(start, end)
    window = np.hanning(piece.size)
    turn = np.exp(-2j * np.pi * hertz * np.arange(piece.size) / heard.rate)
    return _decibel(float(2 * abs(np.dot(piece * window, turn)) / window.sum()))


def pitch(wav: Path, start: float = 0, end: float | None = None) -> float:
    """Return the median pitch of the voice between two times, in Hz (60 to 400).

    Raises ValueError when nothing there has a pitch.
    """
    heard = listen(wav)
    piece, width = heard.cut(start, end), round(_PITCH_WINDOW * heard.rate)
    voiced = [
        hertz
        for first in range(0, piece.size - width + 1, width // 2)
        if (hertz := _pitch_of(piece[first : first + width], heard.rate)) is not None
    ]
    if not voiced:
        raise ValueError(f"no voice from {start} to {end} s")
    return float(np.median(voiced))


def find(
    needle: Path | Samples, haystack: Path, start: float = 0, end: float | None = None
) -> Found:
    """Return where `needle` lies in `haystack` best, looking from `start` on, and to `end`.

    Both have the same rate. The score is the normalised cross-correlation: 1 for a true copy at
    any loudness, about 0 for other sounds. Raises ValueError when the needle is the longer one
    or silent.
    """
    short = listen(needle).samples if isinstance(needle, Path) else needle
    heard = listen(haystack)
    long = heard.cut(start, end)
    if short.size > long.size or not short.any():
        raise ValueError("the sound to be found is silent or longer than where it is sought")
    scores = likeness(short, long)
    best = int(np.argmax(scores))
    return Found(start + best / heard.rate, float(scores[best]))


def likeness(short: Samples, long: Samples) -> Samples:
    """Return how alike `short` and `long` are (-1 to 1) with `short` at each place in `long`."""
    size = 1 << (long.size + short.size).bit_length()
    spectrum = np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size))
    alike = np.fft.irfft(spectrum, size)[: long.size - short.size + 1]
    energy = np.concatenate(([0.0], np.cumsum(long**2)))
    loudness = np.sqrt(np.maximum(energy[short.size :] - energy[: -short.size], 1e-9))
    return np.asarray(alike / (loudness * max(float(np.linalg.norm(short)), 1e-9)))


def speech(
    wav: Path, quieter_than: float = -45, shortest_pause: float = 0.2
) -> list[tuple[float, float]]:
    """Return (start, end) of each stretch of sound, exact to 20 ms.

    Sound below `quieter_than` dBFS is silence; silence shorter than `shortest_pause` seconds
    belongs to the stretch around it.
    """
    heard = listen(wav)
    width = round(_SPEECH_WINDOW * heard.rate)
    frames = heard.samples[: heard.samples.size // width * width].reshape(-1, width)
    loud = np.flatnonzero(np.sqrt(np.mean(frames**2, axis=1)) > 10 ** (quieter_than / 20))
    stretches: list[tuple[float, float]] = []
    for frame in loud:
        begin, end = int(frame) * _SPEECH_WINDOW, (int(frame) + 1) * _SPEECH_WINDOW
        if stretches and begin - stretches[-1][1] < shortest_pause:
            begin = stretches.pop()[0]
        stretches.append((begin, end))
    return stretches


def _decibel(amplitude: float) -> float:
    return max(SILENCE_DBFS, 20 * float(np.log10(max(amplitude, 1e-9))))


def _pitch_of(window: Samples, rate: int) -> float | None:
    calm = window - window.mean()
    energy = float(np.dot(calm, calm))
    if energy < 1e-4 * window.size:
        return None
    alike = np.correlate(calm, calm, "full")[window.size - 1 :] / energy
    # The overlap shrinks with the lag; without this the shortest period always wins.
    alike /= 1 - np.arange(window.size) / window.size
    low, high = round(rate / _HIGHEST_VOICE), round(rate / _LOWEST_VOICE)
    lags = alike[low : high + 1]
    best = float(lags.max())
    if best < 0.6:
        return None
    # The first peak nearly as high as the best is the period; the later ones are multiples.
    for lag in range(low + 1, high):
        if alike[lag] >= 0.9 * best and alike[lag - 1] <= alike[lag] >= alike[lag + 1]:
            # Of a high voice one sample is 3 %: the peak lies between them, as of a parabola.
            before, at, after = alike[lag - 1 : lag + 2]
            return rate / float(lag + (before - after) / (before - 2 * at + after) / 2)
    return rate / (low + int(lags.argmax()))
