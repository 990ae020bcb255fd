"""What callers on a channel are given to hear, and to wait for."""

from ivr.flow.effects import Enqueue
from ivr.flow.speech import Clip, Pause

# 300 ms, a pause of 200 ms, 200 ms, a pause of 100 ms.
UTTERANCE = (Clip("一二三", "cmn"), Pause(0.2, "，"), Clip("四五", "cmn"), Pause(0.1, "。"))

WAIT = Enqueue("front_desk", 60.0, "yue", ("welcome", "menu", "agent", "connecting", "queue"))
