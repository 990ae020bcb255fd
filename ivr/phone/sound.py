"""What a call hears and says, inside the SIP stack's process."""

from __future__ import annotations

import threading
import time
import wave

import pjsua2 as pj

from ivr.phone.wire import SAMPLES_PER_SECOND

FRAME_MILLISECONDS = 20
_FRAME_SAMPLES = SAMPLES_PER_SECOND * FRAME_MILLISECONDS // 1000
_BYTES_PER_SAMPLE = 2


class Recorder(pj.AudioMediaPort):  # type: ignore[misc]  # pjsua2 is untyped
    """Writes what it is sent to a WAV file: 16 bit, 8 kHz, one channel.

    Our own rather than pjsua2's AudioMediaRecorder because that one cannot say how much it
    has written, and only writes the length into the file's head when it is destroyed. Frames
    come on the sound clock's thread, everything else on the main one.
    """

    def __init__(self, path: str) -> None:
        """Open the file for writing; raises OSError when that cannot be done."""
        super().__init__()
        self._lock = threading.Lock()
        self._samples = 0
        self._last_frame = 0.0
        # Not opened by `wave`: where it cannot, its half-made writer prints a traceback as it goes.
        self._to = open(path, "wb")  # noqa: SIM115
        self._file: wave.Wave_write | None = wave.open(self._to, "wb")  # noqa: SIM115
        self._file.setnchannels(1)
        self._file.setsampwidth(_BYTES_PER_SAMPLE)
        self._file.setframerate(SAMPLES_PER_SECOND)
        self.createPort("recorder", _format())

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:
        """Write one frame; called by the sound clock every 20 ms."""
        with self._lock:
            if self._file is None or frame.type != pj.PJMEDIA_FRAME_TYPE_AUDIO:
                return
            self._file.writeframes(bytes(frame.buf))
            self._samples += frame.size // _BYTES_PER_SAMPLE
            self._last_frame = time.monotonic()

    def position(self) -> int:
        """Return how many samples are recorded, counting those of the frame under way."""
        with self._lock:
            if not self._samples or self._file is None:
                return self._samples
            under_way = int((time.monotonic() - self._last_frame) * SAMPLES_PER_SECOND)
            return self._samples + min(under_way, _FRAME_SAMPLES)

    def close(self) -> None:
        """Complete the file; frames that come later are dropped. Safe more than once."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._to.close()
                self._file = None


def player(path: str) -> pj.AudioMediaPlayer:
    """Return a source that plays the WAV once, then silence; raises pj.Error if it cannot."""
    source = pj.AudioMediaPlayer()
    source.createPlayer(path, pj.PJMEDIA_FILE_NO_LOOP)
    return source


def _format() -> pj.MediaFormatAudio:
    wanted = pj.MediaFormatAudio()
    wanted.type = pj.PJMEDIA_TYPE_AUDIO
    wanted.clockRate = SAMPLES_PER_SECOND
    wanted.channelCount = 1
    wanted.bitsPerSample = 8 * _BYTES_PER_SAMPLE
    wanted.frameTimeUsec = 1000 * FRAME_MILLISECONDS
    return wanted
