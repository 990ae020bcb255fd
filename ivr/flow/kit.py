"""All that the author of a node kind imports."""

from ivr.flow.call import Call, Entry, Trouble
from ivr.flow.effects import Dial, Enqueue, HangUp, Heard, Listen, LookUp, Play, Record, Waiting
from ivr.flow.fields import (
    FlowName,
    HoursName,
    Key,
    LanguageCode,
    LookupName,
    NodeName,
    Plain,
    Prompt,
    PromptName,
    QueueName,
    Seconds,
    Speech,
    Value,
    Variable,
    VariableName,
)
from ivr.flow.node import END, Node
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.source import Wrong

__all__ = [
    "END",
    "Call",
    "Dial",
    "Enqueue",
    "Entry",
    "Failed",
    "FlowName",
    "Found",
    "HangUp",
    "Heard",
    "HoursName",
    "Key",
    "LanguageCode",
    "Listen",
    "LookUp",
    "LookupName",
    "Missing",
    "Node",
    "NodeName",
    "Plain",
    "Play",
    "Prompt",
    "PromptName",
    "QueueName",
    "Record",
    "Seconds",
    "Speech",
    "Trouble",
    "Value",
    "Variable",
    "VariableName",
    "Waiting",
    "Wrong",
]
